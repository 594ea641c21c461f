package io.natator.local;

/**
 * A row of the table of links.
 *
 * @param client name of the client workload, in a cluster as namespace/name
 * @param server name of the server workload, in a cluster as namespace/name
 * @param serverPort port on which the server listens, also if the client connected to another port of a Service
 * @param via the Service that the client connected to, as namespace/name; empty if there was none
 */
record LinkRow(String client, String server, int serverPort, String via, Counters counters) {
    /**
     * The totals of a link since it was first seen.
     *
     * @param bytesToServer bytes of payload from client to server
     * @param bytesToClient bytes of payload from server to client
     * @param connections number of established connections
     * @param failures number of connections that were never established
     */
    record Counters(long bytesToServer, long bytesToClient, long connections, long failures) {
        /** Bytes of both directions. */
        long bytes() {
            return bytesToServer + bytesToClient;
        }
    }

    /** A key that identifies the link among all links of one machine. */
    String key() {
        return client + " " + server + " " + serverPort + " " + via;
    }
}
