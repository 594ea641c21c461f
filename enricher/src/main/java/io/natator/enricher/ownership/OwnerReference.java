package io.natator.enricher.ownership;

/**
 * The reference of an object to its controller ({@code metadata.ownerReferences} with {@code controller: true}).
 *
 * @param apiVersion group and version, such as {@code apps/v1}
 * @param kind kind of the controller
 * @param name name of the controller, which is in the namespace of the referring object or cluster-scoped
 * @param uid UID of the controller
 */
public record OwnerReference(String apiVersion, String kind, String name, String uid) {
    /** Returns true if the controller is a pod. Pods are watched, so they need no look-up. */
    boolean isPod() {
        return kind.equals("Pod") && apiVersion.equals("v1");
    }

    /** Returns true if the controller is a Service or an EndpointSlice. Nothing controls a Service that has pods. */
    boolean isServiceKind() {
        return (kind.equals("Service") && apiVersion.equals("v1"))
                || (kind.equals("EndpointSlice") && apiVersion.equals("discovery.k8s.io/v1"));
    }
}
