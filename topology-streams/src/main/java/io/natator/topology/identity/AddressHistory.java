package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.Ownership;
import io.natator.topology.identity.WorkloadResolver.Span;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who had an address, or a node port, while a connection was open. */
final class AddressHistory {
    /** Nodes' clocks and the API server's, synchronised; times of the API are cut to seconds besides, downwards. */
    private static final Duration CLOCKS_DIFFER_BY = Duration.ofSeconds(2);

    private final Identities identities;

    AddressHistory(Identities identities) {
        this.identities = identities;
    }

    /** Who owned the address then, null where nobody is known to have. */
    @Nullable
    Identity of(ByteBuffer address, Span span) {
        return during(identities.address(address), span);
    }

    /**
     * The Service that the client dialled: the one whose address that was, or the one whose port of a node it was. Null
     * where it was no Service's.
     */
    @Nullable
    Identity dialled(ConnectionEnd client, Span span) {
        Identity owner = of(client.remoteAddress(), span);
        if (owner == null || isService(owner)) {
            return owner;
        }
        return isNode(owner) ? during(identities.nodePort(client.protocol(), client.remotePort()), span) : null;
    }

    /**
     * Who owned it when the connection began, or else who came to own it so shortly after that clocks may differ by as
     * much. Whoever came later is another one, though the connection was still open.
     */
    static @Nullable Identity during(@Nullable AddressOwners owners, Span span) {
        // Before what is remembered there may have been anybody.
        if (owners == null || (owners.getKnownSince() != null && span.from().isBefore(owners.getKnownSince()))) {
            return null;
        }
        Instant shortlyAfter = span.from().plus(CLOCKS_DIFFER_BY);
        Stream<Ownership> overlapping = owners.getOwners().stream()
                .filter(owned -> !owned.getFrom().isAfter(span.until())
                        && !owned.getFrom().isAfter(shortlyAfter)
                        && (owned.getUntil() == null || owned.getUntil().isAfter(span.from())));
        return overlapping.map(Ownership::getIdentity).findFirst().orElse(null);
    }

    /** Whether it keeps its addresses for as long as it lives, which is long. */
    static boolean isSteady(@Nullable Identity owner) {
        return owner != null && (isService(owner) || isNode(owner));
    }

    static boolean isService(Identity identity) {
        return "Service".equals(identity.getKind());
    }

    static boolean isNode(Identity identity) {
        return "Node".equals(identity.getKind());
    }
}
