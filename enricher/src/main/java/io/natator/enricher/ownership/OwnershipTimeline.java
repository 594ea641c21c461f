package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Turns the claims to one address into spans. Spans overlap only if several Services share the address. The result does
 * not depend on the order of the list.
 */
final class OwnershipTimeline {
    private record Held(Claim claim, OwnershipSpan span) {}

    private OwnershipTimeline() {}

    /** Returns spans ordered by their end. The identity of a span is null if its owner has no name yet. */
    static List<OwnershipSpan> of(List<Claim> claims) {
        if (claims.size() == 1) {
            Claim only = claims.getFirst();
            var span = new OwnershipSpan(only.identity, only.from, endOf(only));
            return span.isEmpty() ? List.of() : List.of(span);
        }
        List<OwnershipSpan> taken = new ArrayList<>();
        for (ClaimRank rank : ClaimRank.values()) {
            List<Claim> ofRank =
                    claims.stream().filter(claim -> claim.rank == rank).toList();
            List<OwnershipSpan> free = new ArrayList<>();
            if (rank.isShared()) {
                shared(ofRank).forEach(span -> free.addAll(without(span, taken)));
            } else {
                inSequence(ofRank)
                        .forEach(held -> free.addAll(whereAcquired(held.claim(), without(held.span(), taken))));
            }
            taken.addAll(free);
        }
        taken.sort(Comparator.comparing(OwnershipSpan::until).thenComparing(OwnershipSpan::from));
        return List.copyOf(taken);
    }

    /** Orders claims of a rank that allows one owner at a time, and gives each claim its span. */
    private static List<Held> inSequence(List<Claim> claims) {
        List<Claim> sorted = ordered(claims);
        List<Held> spans = new ArrayList<>();
        Instant free = Instant.MIN;
        for (int i = 0; i < sorted.size(); i++) {
            Claim claim = sorted.get(i);
            Instant from = later(claim.from, free);
            Instant until = i + 1 < sorted.size() ? handOver(claim, sorted.get(i + 1)) : endOf(claim);
            var span = new OwnershipSpan(claim.identity, from, until);
            if (!span.isEmpty()) {
                spans.add(new Held(claim, span));
                free = until;
            }
        }
        return spans;
    }

    /**
     * Sorts the ended claims, then inserts each open claim (whose owner still has the address) as late as the time of
     * its acquisition allows.
     */
    private static List<Claim> ordered(List<Claim> claims) {
        List<Claim> ordered = new ArrayList<>(claims.stream()
                .filter(claim -> !claim.isOpen())
                .sorted(Claim.BY_MIDDLE)
                .toList());
        List<Claim> open = claims.stream()
                .filter(Claim::isOpen)
                .sorted(Claim.BY_ACQUISITION)
                .toList();
        for (Claim claim : open) {
            int index = ordered.size();
            while (index > 0 && !ordered.get(index - 1).isOpen() && claim.precedes(ordered.get(index - 1))) {
                index--;
            }
            ordered.add(index, claim);
        }
        return ordered;
    }

    /**
     * Selects one of the parts into which claims of a higher rank have cut a span. An owner gets an address once, so
     * only the part in which the owner got the address is valid.
     */
    private static List<OwnershipSpan> whereAcquired(Claim claim, List<OwnershipSpan> parts) {
        if (parts.size() < 2) {
            return parts;
        }
        if (claim.acquiredBy == null && claim.isOpen()) {
            return List.of(parts.getLast());
        }
        Instant hadIt = claim.acquiredAtTheLatest();
        return parts.stream()
                .filter(span -> span.until().isAfter(hadIt))
                .limit(1)
                .toList();
    }

    /** The time at which a claim's span ends and that of the next owner begins. */
    private static Instant handOver(Claim claim, Claim next) {
        if (claim.endedBy == null) {
            return next.acquiredProbably();
        }
        Instant nextHadIt = next.acquiredBy == null ? next.seenBy : next.acquiredAtTheLatest();
        if (!claim.endedBy.isAfter(nextHadIt)) {
            boolean noticedLate = startsAtCreation(claim, next)
                    && next.from.plus(ClusterObject.TIME_RESOLUTION).isBefore(claim.endedBy);
            return noticedLate ? next.from : claim.endedBy;
        }
        // The end was observed after the next owner's begin: choose the earliest moment within the bounds of both
        // claims.
        Instant noEarlier = latest(claim.endedFrom, acquiredFrom(claim, next));
        return noEarlier == null || noEarlier.isAfter(nextHadIt) ? nextHadIt : noEarlier;
    }

    /** The earliest moment at which the next owner can have got the address; null if unknown. */
    private static @Nullable Instant acquiredFrom(Claim claim, Claim next) {
        return startsAtCreation(claim, next) ? next.from : next.acquiredFrom;
    }

    /**
     * Returns true if the next owner is a node or Service that was created after the claim's begin. The creation time
     * is then more precise than the end of the claim, which was possibly observed late.
     */
    private static boolean startsAtCreation(Claim claim, Claim next) {
        return next.acquiredFrom == null
                && next.acquiredBy == null
                && (next.rank == ClaimRank.NODE || next.rank == ClaimRank.CLUSTER_IP)
                && next.from.isAfter(claim.from);
    }

    /**
     * For ranks that allow several owners at a time: returns the periods with exactly one owner, and those in which all
     * owners are Services, which are told apart by their ports.
     */
    private static List<OwnershipSpan> shared(List<Claim> unordered) {
        List<Claim> claims = unordered.stream()
                .sorted(Comparator.comparing(claim -> claim.uid))
                .toList();
        var moments = new TreeSet<Instant>();
        for (Claim claim : claims) {
            moments.add(claim.from);
            moments.add(endOf(claim));
        }
        List<OwnershipSpan> spans = new ArrayList<>();
        @Nullable Instant from = null;
        for (Instant until : moments) {
            if (from != null) {
                addOwners(claims, from, until, spans);
            }
            from = until;
        }
        return spans;
    }

    private static void addOwners(List<Claim> claims, Instant from, Instant until, List<OwnershipSpan> spans) {
        List<@Nullable Identity> owners = new ArrayList<>();
        for (Claim claim : claims) {
            if (!claim.from.isAfter(from) && !endOf(claim).isBefore(until) && !owners.contains(claim.identity)) {
                owners.add(claim.identity);
            }
        }
        if (owners.size() > 1 && !owners.stream().allMatch(OwnershipTimeline::isService)) {
            return;
        }
        for (Identity owner : owners) {
            Optional<OwnershipSpan> previous = spans.stream()
                    .filter(span -> span.until().equals(from) && Objects.equals(span.identity(), owner))
                    .findFirst();
            previous.ifPresent(spans::remove);
            Instant begin = previous.map(OwnershipSpan::from).orElse(from);
            spans.add(new OwnershipSpan(owner, begin, until));
        }
    }

    private static boolean isService(@Nullable Identity owner) {
        return owner != null && owner.getKind().equals("Service");
    }

    /** The parts of a span in which no owner of a higher rank has the address. */
    private static List<OwnershipSpan> without(OwnershipSpan span, List<OwnershipSpan> taken) {
        List<OwnershipSpan> left = List.of(span);
        for (OwnershipSpan cut : taken) {
            if (!cut.from().isBefore(span.until()) || !span.from().isBefore(cut.until())) {
                continue;
            }
            List<OwnershipSpan> rest = new ArrayList<>();
            for (OwnershipSpan part : left) {
                var before = new OwnershipSpan(part.identity(), part.from(), earlier(part.until(), cut.from()));
                var after = new OwnershipSpan(part.identity(), later(part.from(), cut.until()), part.until());
                if (!before.isEmpty()) {
                    rest.add(before);
                }
                if (!after.isEmpty()) {
                    rest.add(after);
                }
            }
            left = rest;
        }
        return left;
    }

    private static Instant endOf(Claim claim) {
        return claim.endedBy == null ? Instant.MAX : claim.endedBy;
    }

    private static @Nullable Instant latest(@Nullable Instant a, @Nullable Instant b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return later(a, b);
    }

    static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
