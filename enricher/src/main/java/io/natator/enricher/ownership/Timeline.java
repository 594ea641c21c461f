package io.natator.enricher.ownership;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Turns the claims to one address into spans that do not overlap. A function of the claims, not of their order. */
final class Timeline {
    /** The API's times are cut to seconds. */
    private static final Duration CUT_TO = Duration.ofSeconds(1);

    private record Held(Claim claim, Span span) {}

    private Timeline() {}

    /** Spans ordered by time; those of owners that cannot be named yet are among them. */
    static List<Span> of(List<Claim> claims) {
        if (claims.size() == 1) {
            Claim only = claims.getFirst();
            var span = new Span(only.identity, only.from, endOf(only));
            return span.isEmpty() ? List.of() : List.of(span);
        }
        List<Span> taken = new ArrayList<>();
        for (Rank rank : Rank.values()) {
            List<Claim> ofRank =
                    claims.stream().filter(claim -> claim.rank == rank).toList();
            List<Span> free = new ArrayList<>();
            if (rank.isShared()) {
                shared(ofRank).forEach(span -> free.addAll(without(span, taken)));
            } else {
                inSequence(ofRank).forEach(held -> free.addAll(theOne(held.claim(), without(held.span(), taken))));
            }
            taken.addAll(free);
        }
        taken.sort(Comparator.comparing(Span::from));
        return List.copyOf(taken);
    }

    /** One owner after the other. */
    private static List<Held> inSequence(List<Claim> claims) {
        List<Claim> sorted = ordered(claims);
        List<Held> spans = new ArrayList<>();
        Instant free = Instant.MIN;
        for (int i = 0; i < sorted.size(); i++) {
            Claim claim = sorted.get(i);
            Instant from = later(claim.from, free);
            Instant until = i + 1 < sorted.size() ? handOver(claim, sorted.get(i + 1)) : endOf(claim);
            var span = new Span(claim.identity, from, until);
            if (!span.isEmpty()) {
                spans.add(new Held(claim, span));
                free = until;
            }
        }
        return spans;
    }

    /** Those that ended in their order, and the ones that last as late among them as their acquisition allows. */
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
            int place = ordered.size();
            while (place > 0 && !ordered.get(place - 1).isOpen() && claim.precedes(ordered.get(place - 1))) {
                place--;
            }
            ordered.add(place, claim);
        }
        return ordered;
    }

    /** An owner gets an address once: of the stretches that stronger claims leave, the one in which it got it. */
    private static List<Span> theOne(Claim claim, List<Span> stretches) {
        if (stretches.size() < 2) {
            return stretches;
        }
        if (claim.acquiredBy == null && claim.isOpen()) {
            return List.of(stretches.getLast());
        }
        Instant hadIt = claim.acquiredAtTheLatest();
        return stretches.stream()
                .filter(span -> span.until().isAfter(hadIt))
                .limit(1)
                .toList();
    }

    /** When the address left this claim's owner, given who had it next. */
    private static Instant handOver(Claim claim, Claim next) {
        if (claim.endedBy == null) {
            return next.acquiredProbably();
        }
        Instant nextHadIt = next.acquiredBy == null ? next.seenBy : next.acquiredAtTheLatest();
        if (!claim.endedBy.isAfter(nextHadIt)) {
            boolean noticedLate =
                    hasItSinceItExists(claim, next) && next.from.plus(CUT_TO).isBefore(claim.endedBy);
            return noticedLate ? next.from : claim.endedBy;
        }
        // The end was noticed after the next one's begin: within the bounds both leave, as early as they allow.
        Instant noEarlier = latest(claim.endedFrom, acquiredFrom(claim, next));
        return noEarlier == null || noEarlier.isAfter(nextHadIt) ? nextHadIt : noEarlier;
    }

    /** When the next owner got it, at the earliest. */
    private static @Nullable Instant acquiredFrom(Claim claim, Claim next) {
        return hasItSinceItExists(claim, next) ? next.from : next.acquiredFrom;
    }

    /**
     * True for a node or Service that came after the claim: where nobody watched for a while, its begin is known better
     * than the other one's end.
     */
    private static boolean hasItSinceItExists(Claim claim, Claim next) {
        return next.acquiredFrom == null
                && next.acquiredBy == null
                && (next.rank == Rank.NODE || next.rank == Rank.CLUSTER_IP)
                && next.from.isAfter(claim.from);
    }

    /** Only the stretches that have exactly one owner. */
    private static List<Span> shared(List<Claim> claims) {
        var moments = new TreeSet<Instant>();
        for (Claim claim : claims) {
            moments.add(claim.from);
            moments.add(endOf(claim));
        }
        List<Span> spans = new ArrayList<>();
        @Nullable Instant from = null;
        for (Instant until : moments) {
            if (from != null) {
                addIfOwnedByOne(claims, from, until, spans);
            }
            from = until;
        }
        return spans;
    }

    private static void addIfOwnedByOne(List<Claim> claims, Instant from, Instant until, List<Span> spans) {
        List<Claim> holders = claims.stream()
                .filter(claim -> !claim.from.isAfter(from) && !endOf(claim).isBefore(until))
                .toList();
        if (holders.isEmpty()
                || holders.stream().anyMatch(claim -> !Objects.equals(claim.identity, holders.getFirst().identity))) {
            return;
        }
        var span = new Span(holders.getFirst().identity, from, until);
        if (!spans.isEmpty()
                && spans.getLast().until().equals(from)
                && Objects.equals(spans.getLast().identity(), span.identity())) {
            spans.set(
                    spans.size() - 1, new Span(span.identity(), spans.getLast().from(), until));
        } else {
            spans.add(span);
        }
    }

    /** What is left of a span where the taken ones are cut out. */
    private static List<Span> without(Span span, List<Span> taken) {
        List<Span> left = List.of(span);
        for (Span cut : taken) {
            if (!cut.from().isBefore(span.until()) || !span.from().isBefore(cut.until())) {
                continue;
            }
            List<Span> rest = new ArrayList<>();
            for (Span part : left) {
                var before = new Span(part.identity(), part.from(), earlier(part.until(), cut.from()));
                var after = new Span(part.identity(), later(part.from(), cut.until()), part.until());
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
