package io.natator.topology.identity;

/** The identities of all clusters that share the topics. */
public interface Clusters {
    /** No identities, because no enricher runs. Nothing becomes known later. */
    Clusters NONE = cluster -> Identities.NONE;

    /**
     * The identities of one cluster. Addresses and names are looked up in the cluster of the end that uses them.
     *
     * @param cluster name of the cluster; empty if it has none
     */
    Identities identitiesOf(String cluster);

    /** Reads how far the identities are complete. Called about once a second. */
    default void checkProgress() {}
}
