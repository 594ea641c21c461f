package io.natator.topology.identity;

import io.natator.schemas.Identity;
import org.jspecify.annotations.Nullable;

/** The kinds of identities that naming treats in special ways. */
final class IdentityKinds {
    private IdentityKinds() {}

    static boolean isService(@Nullable Identity identity) {
        return identity != null && "Service".equals(identity.getKind());
    }

    static boolean isNode(@Nullable Identity identity) {
        return identity != null && "Node".equals(identity.getKind());
    }

    /** Services and nodes keep their addresses as long as they live; the addresses of pods are reused. */
    static boolean keepsItsAddress(@Nullable Identity identity) {
        return isService(identity) || isNode(identity);
    }
}
