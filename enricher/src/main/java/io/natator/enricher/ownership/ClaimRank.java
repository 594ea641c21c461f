package io.natator.enricher.ownership;

/** The rank of a claim to an address, strongest first. While a stronger claim lasts, weaker claims do not count. */
enum ClaimRank {
    /** An ended claim that was restored from the topic. It does not change any more. */
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
