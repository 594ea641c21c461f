package io.natator.topology.link;

/**
 * Values of a link that only Caretta's metrics export. Only the first delta of a connection carries these values.
 *
 * @param clientOwner name of the direct controller of a client that is named after its pod; empty if there is none or
 *     it is unknown
 * @param dialledPort port that the client dialled; 0 if the port is the server's own or unknown
 */
public record CarettaLabels(String clientOwner, int dialledPort) {
    public static final CarettaLabels NONE = new CarettaLabels("", 0);

    boolean isEmpty() {
        return clientOwner.isEmpty() && dialledPort == 0;
    }
}
