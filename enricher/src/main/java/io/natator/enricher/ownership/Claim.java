package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A claim records that one owner had one address. The times of a claim are bounds, because the API cuts times to
 * seconds and reports changes late.
 */
final class Claim {
    /** Orders claims by their latest possible acquisition. Ties are broken so that the order is always the same. */
    static final Comparator<Claim> BY_ACQUISITION = Comparator.comparing(Claim::acquiredAtTheLatest)
            .thenComparing(claim -> claim.from)
            .thenComparingLong(claim -> claim.sequence)
            .thenComparing(claim -> claim.uid);

    /**
     * Orders ended claims by the middle between begin and end. A begin or end that was reported late moves the middle
     * by half of the delay only.
     */
    static final Comparator<Claim> BY_MIDDLE =
            Comparator.comparingLong(Claim::middle).thenComparing(BY_ACQUISITION);

    final String uid;
    final ClaimRank rank;
    /** The number of claims that this enricher observed before this one. */
    final long sequence;
    /** The time at which the owner was first observed with the address. */
    final Instant seenBy;
    /** The owner; null while its workload is being looked up, so that it has no name yet. */
    @Nullable
    Identity identity;
    /** The earliest time at which the period of this claim can start. */
    Instant from;
    /** The owner got the address at this time or later, to the second; null if unknown. */
    @Nullable
    Instant acquiredFrom;
    /** The owner had got the address by this time; null if unknown. */
    @Nullable
    Instant acquiredBy;
    /** The owner had the address at least until this time; null if unknown. */
    @Nullable
    Instant endedFrom;
    /** The owner had released the address by this time; null while it holds the address. */
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

    /**
     * Returns true if the owner of this claim, which must be open, had the address before the owner of the other claim
     * can have got it.
     */
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

    /**
     * The time at which this owner probably got the address. The previous owner's span is assumed to end then if
     * nothing else is known about its end.
     */
    Instant acquiredProbably() {
        Instant at = acquiredFrom == null ? acquiredAtTheLatest() : acquiredFrom;
        return at.isBefore(from) ? from : at;
    }

    /** Narrows the bounds between which the owner got the address. Returns true if a bound changed. */
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
