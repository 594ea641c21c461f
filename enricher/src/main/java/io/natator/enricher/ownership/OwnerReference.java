package io.natator.enricher.ownership;

/**
 * The reference of an object to its controller ({@code metadata.ownerReferences} with {@code controller: true}).
 *
 * @param apiVersion group and version, such as {@code apps/v1}
 * @param kind kind of the controller
 * @param name its name; in the namespace of the object that refers to it, or cluster-scoped
 * @param uid its UID
 */
public record OwnerReference(String apiVersion, String kind, String name, String uid) {
    /** Returns true if it refers to a pod. Pods are watched, so they need no look-up. */
    boolean isPod() {
        return kind.equals("Pod") && apiVersion.equals("v1");
    }
}
