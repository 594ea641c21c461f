package io.natator.enricher.ownership;

/**
 * The rank of a claim to an address, strongest first. While an object with a stronger claim has the address, weaker
 * claims are ignored.
 */
enum ClaimRank {
    /** A claim that ended in an earlier run and was restored from the topic. It does not change any more. */
    SETTLED,
    NODE,
    CLUSTER_IP,
    POD,
    /** A pod claims the address of a further network interface. */
    SECONDARY,
    /** A Service claims one of its external or load balancer addresses. */
    EXTERNAL,
    /** A Service claims the address of one of its endpoints that is no pod. */
    ENDPOINT;

    /** Returns true if several owners with claims of this rank can have one address at the same time. */
    boolean isShared() {
        return switch (this) {
            case SETTLED, NODE, CLUSTER_IP, POD -> false;
            case SECONDARY, EXTERNAL, ENDPOINT -> true;
        };
    }
}
