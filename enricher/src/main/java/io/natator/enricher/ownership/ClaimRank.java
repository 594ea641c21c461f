package io.natator.enricher.ownership;

/** The rank of a claim to an address, strongest first: a stronger claim excludes weaker ones. */
enum ClaimRank {
    /** Restored from the topic, with its end: never changed again. */
    SETTLED,
    NODE,
    CLUSTER_IP,
    POD,
    /** External and load balancer addresses of Services. */
    EXTERNAL,
    /** Addresses of endpoints that are no pods. */
    ENDPOINT;

    /** Returns true if several owners can hold one address at the same time. */
    boolean isShared() {
        return switch (this) {
            case SETTLED, NODE, CLUSTER_IP, POD -> false;
            case EXTERNAL, ENDPOINT -> true;
        };
    }
}
