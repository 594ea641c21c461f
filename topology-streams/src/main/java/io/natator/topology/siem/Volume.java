package io.natator.topology.siem;

/** Payload bytes, and segments, each way. */
public record Volume(long bytesToServer, long bytesToClient, long segmentsToServer, long segmentsToClient) {
    /** Nothing. */
    public static final Volume NONE = new Volume(0, 0, 0, 0);

    /** What this has more than an earlier one. */
    public Volume minus(Volume earlier) {
        return new Volume(
                bytesToServer - earlier.bytesToServer,
                bytesToClient - earlier.bytesToClient,
                segmentsToServer - earlier.segmentsToServer,
                segmentsToClient - earlier.segmentsToClient);
    }
}
