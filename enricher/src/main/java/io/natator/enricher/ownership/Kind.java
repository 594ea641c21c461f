package io.natator.enricher.ownership;

/** The kinds of objects whose claims are reconciled with the topic, each by its own list. */
public enum Kind {
    POD,
    SERVICE,
    ENDPOINT_SLICE,
    NODE
}
