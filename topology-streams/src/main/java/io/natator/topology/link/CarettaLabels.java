package io.natator.topology.link;

/**
 * Values of a link that only Caretta's metrics show. Only the first delta of a connection carries them.
 *
 * @param clientOwner name of the direct controller of a client that is named after its pod; empty if unknown or none
 * @param dialledPort port that the client dialled if it is not the server's own; 0 if it is, or if unknown
 */
public record CarettaLabels(String clientOwner, int dialledPort) {
    /** Neither is known. */
    public static final CarettaLabels NONE = new CarettaLabels("", 0);

    boolean isEmpty() {
        return clientOwner.isEmpty() && dialledPort == 0;
    }
}
