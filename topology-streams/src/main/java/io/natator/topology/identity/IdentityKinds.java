package io.natator.topology.identity;

import io.natator.schemas.Identity;
import org.jspecify.annotations.Nullable;

/** The kinds of identities with special naming rules: pods, Services and nodes. */
final class IdentityKinds {
    private IdentityKinds() {}

    static boolean isPod(@Nullable Identity identity) {
        return identity != null && "Pod".equals(identity.getKind());
    }

    static boolean isService(@Nullable Identity identity) {
        return identity != null && "Service".equals(identity.getKind());
    }

    static boolean isNode(@Nullable Identity identity) {
        return identity != null && "Node".equals(identity.getKind());
    }

    /**
     * Whether the object (a Service or a node) has the same address until it is deleted. The addresses of pods are soon
     * reused.
     */
    static boolean keepsItsAddress(@Nullable Identity identity) {
        return isService(identity) || isNode(identity);
    }
}
