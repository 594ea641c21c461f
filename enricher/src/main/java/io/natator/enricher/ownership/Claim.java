package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one owner's hold on one address. The times are bounds, because the API's are cut to seconds and
 * observation lags behind.
 */
final class Claim {
    /** By when it was had at the latest; the last resorts are arbitrary, but always the same. */
    static final Comparator<Claim> BY_ACQUISITION = Comparator.comparing(Claim::acquiredAtTheLatest)
            .thenComparing(claim -> claim.from)
            .thenComparingLong(claim -> claim.sequence)
            .thenComparing(claim -> claim.uid);

    /**
     * For claims that have ended: by the middle of what is known of them, which news that comes late at either end
     * moves least.
     */
    static final Comparator<Claim> BY_MIDDLE =
            Comparator.comparingLong(Claim::middle).thenComparing(BY_ACQUISITION);

    final String uid;
    final Rank rank;
    /** Order of first sight. */
    final long sequence;
    /** Was seen with it then. */
    final Instant seenBy;
    /** Null while the owner's workload is being looked up: it holds the address, but cannot be named yet. */
    @Nullable
    Identity identity;
    /** Not before. */
    Instant from;
    /** Got it no earlier than this, to the second; null where unknown. */
    @Nullable
    Instant acquiredFrom;
    /** Had it by then; null where unknown. */
    @Nullable
    Instant acquiredBy;
    /** Had it until this, at least; null where unknown. */
    @Nullable
    Instant endedFrom;
    /** Had given it back by then; null while it holds it. */
    @Nullable
    Instant endedBy;

    Claim(String uid, Rank rank, long sequence, @Nullable Identity identity, Instant from, Instant seenBy) {
        this.uid = uid;
        this.rank = rank;
        this.sequence = sequence;
        this.identity = identity;
        this.from = from;
        this.seenBy = seenBy;
    }

    boolean isOpen() {
        return endedBy == null;
    }

    Instant acquiredAtTheLatest() {
        return acquiredBy == null || acquiredBy.isBefore(from) ? from : acquiredBy;
    }

    /** True if this owner, which still has the address, had it before the other one can have got it. */
    boolean precedes(Claim other) {
        if (acquiredBy == null) {
            return !seenBy.isAfter(other.seenBy) && from.isBefore(other.from);
        }
        return !acquiredAtTheLatest().isAfter(other.acquiredFrom == null ? other.from : other.acquiredFrom);
    }

    private long middle() {
        Instant acquired = acquiredBy == null ? seenBy : acquiredAtTheLatest();
        long end = ChronoUnit.MICROS.between(Instant.EPOCH, endedBy == null ? acquired : endedBy);
        long begin = Math.min(ChronoUnit.MICROS.between(Instant.EPOCH, acquired), end);
        return begin / 2 + end / 2;
    }

    /** The moment to take the address from a predecessor of whose end nothing is known. */
    Instant acquiredProbably() {
        Instant at = acquiredFrom == null ? acquiredAtTheLatest() : acquiredFrom;
        return at.isBefore(from) ? from : at;
    }

    /** Narrows the bounds of the acquisition; true if they changed. */
    boolean narrow(@Nullable Instant noEarlier, @Nullable Instant noLater) {
        boolean changed = false;
        if (noEarlier != null && (acquiredFrom == null || noEarlier.isBefore(acquiredFrom))) {
            acquiredFrom = noEarlier;
            changed = true;
        }
        if (noLater != null && (acquiredBy == null || noLater.isBefore(acquiredBy))) {
            acquiredBy = noLater;
            changed = true;
        }
        return changed;
    }
}
