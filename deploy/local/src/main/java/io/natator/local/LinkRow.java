package io.natator.local;

/**
 * A link as the table shows it.
 *
 * @param client name of the client workload; of one in a cluster, behind its namespace and a slash
 * @param server name of the server workload, likewise
 * @param serverPort real port of the server
 * @param via namespace and name of the Service that was dialled; empty if none was
 * @param bytesToServer payload bytes since the link was first seen
 * @param bytesToClient payload bytes since the link was first seen
 * @param connections connections established
 * @param failures connections never established
 */
record LinkRow(
        String client,
        String server,
        int serverPort,
        String via,
        long bytesToServer,
        long bytesToClient,
        long connections,
        long failures) {

    /** Bytes both ways. */
    long bytes() {
        return bytesToServer + bytesToClient;
    }

    /** What tells one link from another on one machine. */
    String key() {
        return client + " " + server + " " + serverPort + " " + via;
    }
}
