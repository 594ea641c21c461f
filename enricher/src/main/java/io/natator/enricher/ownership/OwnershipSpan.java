package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import io.natator.schemas.Ownership;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A period in which an address belongs to one owner.
 *
 * @param identity the owner; null while its workload is unknown
 * @param from start, inclusive
 * @param until end, exclusive; {@link Instant#MAX} while the owner still has the address
 */
record OwnershipSpan(@Nullable Identity identity, Instant from, Instant until) {
    static OwnershipSpan of(Ownership ownership) {
        Instant until = ownership.getUntil();
        return new OwnershipSpan(ownership.getIdentity(), ownership.getFrom(), until == null ? Instant.MAX : until);
    }

    boolean isEmpty() {
        return !from.isBefore(until);
    }

    boolean overlaps(OwnershipSpan other) {
        return from.isBefore(other.until) && other.from.isBefore(until);
    }

    boolean isOpen() {
        return until.equals(Instant.MAX);
    }
}
