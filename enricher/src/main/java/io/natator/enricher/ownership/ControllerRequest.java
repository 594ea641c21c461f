package io.natator.enricher.ownership;

/**
 * A request to look up a controller.
 *
 * @param reference identifies the controller
 * @param namespace the controller's namespace; ignored if its kind is cluster-scoped
 */
public record ControllerRequest(OwnerReference reference, String namespace) {}
