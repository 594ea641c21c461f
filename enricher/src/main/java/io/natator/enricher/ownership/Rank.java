package io.natator.enricher.ownership;

/** Whose claim to an address goes before whose, strongest first. */
enum Rank {
    /** Written to the topic by an earlier run and closed: no longer discussed. */
    SETTLED,
    NODE,
    CLUSTER_IP,
    POD,
    /** External and load balancer addresses of Services. */
    EXTERNAL,
    /** Addresses of endpoints that are no pods. */
    ENDPOINT;

    /** True where several owners can hold one address at once. */
    boolean isShared() {
        return switch (this) {
            case SETTLED, NODE, CLUSTER_IP, POD -> false;
            case EXTERNAL, ENDPOINT -> true;
        };
    }
}
