package io.natator.enricher.ownership;

/** The kinds of objects that own addresses. A list of a kind ends the spans of its objects that no longer exist. */
public enum ReconciledKind {
    POD,
    SERVICE,
    ENDPOINT_SLICE,
    NODE
}
