package io.natator.enricher.ownership;

/** The kinds of objects that own addresses. The list of each kind closes what the topic has and the cluster has not. */
public enum ReconciledKind {
    POD,
    SERVICE,
    ENDPOINT_SLICE,
    NODE
}
