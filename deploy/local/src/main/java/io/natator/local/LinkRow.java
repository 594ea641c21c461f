package io.natator.local;

/**
 * A row of the table of links.
 *
 * @param client name of the client workload, in a cluster as namespace/name
 * @param server name of the server workload, in a cluster as namespace/name
 * @param serverPort port of the server itself
 * @param via namespace and name of the Service that was dialled; empty if none was
 */
record LinkRow(String client, String server, int serverPort, String via, Counters counters) {
    /**
     * The totals of a link since it was first seen.
     *
     * @param bytesToServer payload bytes
     * @param bytesToClient payload bytes
     * @param connections connections established
     * @param failures connections never established
     */
    record Counters(long bytesToServer, long bytesToClient, long connections, long failures) {
        /** Bytes of both directions. */
        long bytes() {
            return bytesToServer + bytesToClient;
        }
    }

    /** Identifies the link on one machine. */
    String key() {
        return client + " " + server + " " + serverPort + " " + via;
    }
}
