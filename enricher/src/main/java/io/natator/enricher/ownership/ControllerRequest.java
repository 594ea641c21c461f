package io.natator.enricher.ownership;

/**
 * A request to look up a controller.
 *
 * @param reference what it is
 * @param namespace the namespace it is in, unless its kind is cluster-scoped
 */
public record ControllerRequest(OwnerReference reference, String namespace) {}
