package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import io.natator.schemas.Ownership;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of time an address belongs to one owner.
 *
 * @param identity the owner; null while it cannot be named
 * @param from inclusive
 * @param until exclusive; {@link Instant#MAX} while it lasts
 */
record Span(@Nullable Identity identity, Instant from, Instant until) {
    static Span of(Ownership ownership) {
        Instant until = ownership.getUntil();
        return new Span(ownership.getIdentity(), ownership.getFrom(), until == null ? Instant.MAX : until);
    }

    boolean isEmpty() {
        return !from.isBefore(until);
    }

    boolean isOpen() {
        return until.equals(Instant.MAX);
    }
}
