package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One owner's claim to one address. Its times are bounds, because the API cuts times to seconds and reports changes late.
 */
final class Claim {
    /** By the latest possible acquisition. The last criteria are arbitrary, but give the same order every time. */
    static final Comparator<Claim> BY_ACQUISITION = Comparator.comparing(Claim::acquiredAtTheLatest)
            .thenComparing(claim -> claim.from)
            .thenComparingLong(claim -> claim.sequence)
            .thenComparing(claim -> claim.uid);

    /** For claims that have ended: by their middle, which a late report about either end moves least. */
    static final Comparator<Claim> BY_MIDDLE =
            Comparator.comparingLong(Claim::middle).thenComparing(BY_ACQUISITION);

    final String uid;
    final ClaimRank rank;
    /** Order of the first observations. */
    final long sequence;
    /** The owner was observed with the address then. */
    final Instant seenBy;
    /** Null while the owner's workload is being looked up: it holds the address, but has no name yet. */
    @Nullable
    Identity identity;
    /** The span starts no earlier. */
    Instant from;
    /** The owner got the address no earlier than this, to the second; null if unknown. */
    @Nullable
    Instant acquiredFrom;
    /** The owner had the address by then; null if unknown. */
    @Nullable
    Instant acquiredBy;
    /** The owner had the address at least until then; null if unknown. */
    @Nullable
    Instant endedFrom;
    /** The owner had released the address by then; null while it holds the address. */
    @Nullable
    Instant endedBy;

    Claim(String uid, ClaimRank rank, long sequence, @Nullable Identity identity, Instant from, Instant seenBy) {
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

    /** For a claim that is open: returns true if its owner had the address before the other one can have got it. */
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

    /** The moment at which the span of a predecessor ends if nothing is known about that end. */
    Instant acquiredProbably() {
        Instant at = acquiredFrom == null ? acquiredAtTheLatest() : acquiredFrom;
        return at.isBefore(from) ? from : at;
    }

    /** Narrows the bounds of the acquisition. Returns true if they changed. */
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
