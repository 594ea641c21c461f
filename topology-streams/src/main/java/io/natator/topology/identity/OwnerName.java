package io.natator.topology.identity;

import io.natator.schemas.NameKind;

/**
 * What a person would call the owner of a socket outside Kubernetes, as a collector reported it.
 *
 * @param name empty if the command of the process is the best name
 * @param kind what the owner is
 */
public record OwnerName(String name, NameKind kind) {
    /** The value in a pod, and for reports of earlier collectors. */
    public static final OwnerName NONE = new OwnerName("", NameKind.NONE);
}
