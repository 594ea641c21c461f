package io.natator.enricher.ownership;

/**
 * A controller to be looked up.
 *
 * @param reference what it is
 * @param namespace the namespace it is in, unless its kind is cluster-scoped
 */
public record WantedController(OwnerReference reference, String namespace) {}
