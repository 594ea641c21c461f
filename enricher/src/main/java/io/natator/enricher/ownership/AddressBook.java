package io.natator.enricher.ownership;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.Ownership;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The claims to every address, and the spans last handed out for writing. An address may also be a port that every node
 * opens for a Service. Not thread-safe.
 */
final class AddressBook {
    private static final Duration ONE_SECOND = Duration.ofSeconds(1);
    /** Connections are named within seconds of their begin: what ended less long ago is kept beyond the depth. */
    private static final Duration YOUNG = Duration.ofMinutes(1);

    private static final int DEPTHS_OF_YOUNG = 4;

    private static final class Entry {
        final List<Claim> claims = new ArrayList<>(1);
        List<Span> written = List.of();
        /** Spans before this were too many to keep; null if there are none. */
        @Nullable
        Instant knownSince;
    }

    /**
     * What is known of how an owner got an address.
     *
     * @param from not before
     * @param running a second in which it certainly had it; null where unknown
     * @param seen had it by then, because it is seen with it
     * @param fresh it was seen without it just before
     */
    record Acquisition(Instant from, @Nullable Instant running, Instant seen, boolean fresh) {
        @Nullable
        Instant noLater() {
            if (running == null) {
                return fresh ? seen : null;
            }
            return Timeline.earlier(running.plus(ONE_SECOND), seen);
        }
    }

    private final String keyPrefix;
    private final int historyDepth;
    private final Duration retention;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Set<String> dirty = new LinkedHashSet<>();
    /** Addresses that owners, by UID, still had when the topic was last written. */
    private final Map<String, Set<String>> restored = new HashMap<>();

    private long sequence;
    /** How many addresses have how many spans. */
    private final TreeMap<Integer, Integer> depths = new TreeMap<>();

    private long spansHeld;
    private long spansForgotten;

    /** @param keyPrefix what the topic's keys have before the address */
    AddressBook(String keyPrefix, int historyDepth, Duration retention) {
        this.keyPrefix = keyPrefix;
        this.historyDepth = historyDepth;
        this.retention = retention;
    }

    /** Takes over what an earlier run wrote. */
    void restore(String address, AddressOwners owners) {
        var entry = new Entry();
        List<Span> spans = new ArrayList<>();
        for (Ownership ownership : owners.getOwners()) {
            Span span = Span.of(ownership);
            Identity identity = ownership.getIdentity();
            Rank rank = span.isOpen() ? openRankOf(identity) : Rank.SETTLED;
            var claim = new Claim(claimantOf(identity), rank, sequence++, identity, span.from(), span.from());
            claim.acquiredBy = span.from(); // decided then, with better knowledge than there is now
            if (span.isOpen()) {
                restored.computeIfAbsent(claim.uid, uid -> new HashSet<>(2)).add(address);
            } else {
                claim.endedBy = span.until();
            }
            entry.claims.add(claim);
            spans.add(span);
        }
        entry.knownSince = owners.getKnownSince();
        entry.written = List.copyOf(spans);
        resized(0, spans.size());
        entries.put(address, entry);
    }

    /** Who claims: the object by UID, or, where the record has none, by name. */
    static String claimantOf(Identity identity) {
        return identity.getUid().isEmpty()
                ? identity.getKind() + "/" + identity.getNamespace() + "/" + identity.getName()
                : identity.getUid();
    }

    private static Rank openRankOf(Identity identity) {
        return switch (identity.getKind()) {
            case "Node" -> Rank.NODE;
            case "Pod" -> Rank.POD;
            default -> Rank.CLUSTER_IP;
        };
    }

    /** Owners with restored claims that no object has confirmed or taken back yet. */
    List<Identity> unconfirmed() {
        List<Identity> owners = new ArrayList<>();
        restored.forEach((uid, addresses) -> addresses.stream()
                .limit(1)
                .forEach(address -> openClaim(address, uid, claim -> {
                    if (claim.identity != null) {
                        owners.add(claim.identity);
                    }
                })));
        return owners;
    }

    /** The addresses the owner had when the topic was last written; asked once, when its object is first seen. */
    Set<String> takeRestored(String uid) {
        Set<String> addresses = restored.remove(uid);
        return addresses == null ? Set.of() : addresses;
    }

    /** Who the owner is that holds the address, as far as is known. */
    @Nullable
    Identity identityOf(String address, String uid) {
        Entry entry = entries.get(address);
        Claim claim = entry == null ? null : openClaimOf(entry, uid);
        return claim == null ? null : claim.identity;
    }

    /** The owner has the address; called again when more is known. */
    void hold(String address, String uid, Rank rank, @Nullable Identity identity, Acquisition acquisition) {
        Entry entry = entries.computeIfAbsent(address, key -> new Entry());
        Claim claim = openClaimOf(entry, uid);
        if (claim != null && claim.rank != rank) {
            // A restored claim of a Service: the topic does not tell by which of its addresses.
            entry.claims.remove(claim);
            var ranked = new Claim(uid, rank, claim.sequence, identity, claim.from, claim.seenBy);
            ranked.narrow(claim.acquiredFrom, claim.acquiredBy);
            entry.claims.add(ranked);
            claim = ranked;
        }
        if (claim == null) {
            claim = new Claim(uid, rank, sequence++, identity, acquisition.from(), acquisition.seen());
            entry.claims.add(claim);
            dirty.add(address);
        }
        boolean narrowed = claim.narrow(acquisition.running(), acquisition.noLater());
        if (narrowed || !Objects.equals(claim.identity, identity)) {
            claim.identity = identity;
            dirty.add(address);
        }
    }

    /**
     * The owner no longer has the address.
     *
     * @param endedFrom had it until this, at least; null where unknown
     * @param endedBy had given it back by then
     */
    void release(String address, String uid, @Nullable Instant endedFrom, Instant endedBy) {
        openClaim(address, uid, claim -> {
            claim.endedFrom = endedFrom;
            claim.endedBy = Timeline.later(endedBy, claim.from);
            dirty.add(address);
        });
    }

    /** Every claim of the owner to these addresses goes by another identity, the ended ones included. */
    void rename(String uid, Set<String> of, @Nullable Identity identity) {
        for (String address : of) {
            Entry entry = entries.get(address);
            if (entry != null) {
                entry.claims.stream()
                        .filter(claim -> claim.uid.equals(uid) && claim.rank != Rank.SETTLED)
                        .forEach(claim -> claim.identity = identity);
                dirty.add(address);
            }
        }
    }

    /** True if some claim of the owner to the address is on record, open or ended. */
    boolean knows(String address, String uid) {
        Entry entry = entries.get(address);
        return entry != null && entry.claims.stream().anyMatch(claim -> claim.uid.equals(uid));
    }

    private void openClaim(String address, String uid, Consumer<Claim> action) {
        Entry entry = entries.get(address);
        Claim claim = entry == null ? null : openClaimOf(entry, uid);
        if (claim != null) {
            action.accept(claim);
        }
    }

    private static @Nullable Claim openClaimOf(Entry entry, String uid) {
        for (Claim claim : entry.claims) {
            if (claim.isOpen() && claim.uid.equals(uid)) {
                return claim;
            }
        }
        return null;
    }

    /** Marks what is to be looked at again because time has passed. */
    void expire(Instant now) {
        Instant oldest = now.minus(retention);
        entries.forEach((address, entry) -> {
            if (entry.claims.stream().anyMatch(claim -> claim.endedBy != null && claim.endedBy.isBefore(oldest))) {
                dirty.add(address);
            }
        });
    }

    /** Adds records that differ from what was handed out before, until there are so many. */
    void drain(Instant now, List<Change> changes, int most) {
        for (var addresses = dirty.iterator(); addresses.hasNext() && changes.size() < most; ) {
            String address = addresses.next();
            addresses.remove();
            Entry entry = entries.get(address);
            if (entry != null) {
                drain(address, entry, now, changes::add);
            }
        }
    }

    private void drain(String address, Entry entry, Instant now, Consumer<Change> changes) {
        Instant oldest = now.minus(retention);
        List<Span> all = Timeline.of(entry.claims).stream()
                .filter(span -> !span.until().isBefore(oldest))
                .toList();
        int forgotten = tooMany(all, now.minus(YOUNG));
        List<Span> kept = all.subList(forgotten, all.size());
        Instant start = kept.isEmpty() ? Instant.MAX : kept.getFirst().from();
        if (forgotten > 0) {
            entry.knownSince = start;
            spansForgotten += forgotten;
        }
        Predicate<Claim> isOver =
                claim -> claim.endedBy != null && (!claim.endedBy.isAfter(start) || claim.endedBy.isBefore(oldest));
        entry.claims.removeIf(isOver);
        List<Span> spans = kept.stream().filter(span -> span.identity() != null).toList();
        if (!spans.equals(entry.written)) {
            resized(entry.written.size(), spans.size());
            entry.written = spans;
            changes.accept(new Change(keyPrefix + address, spans.isEmpty() ? null : recordOf(spans, entry.knownSince)));
        }
        if (entry.claims.isEmpty() && spans.isEmpty()) {
            entries.remove(address);
        }
    }

    /** How many of the spans, the oldest, are beyond the bounds. */
    private int tooMany(List<Span> spans, Instant young) {
        int first = Math.max(0, spans.size() - historyDepth);
        int last = Math.max(0, spans.size() - (int) Math.min(spans.size(), (long) historyDepth * DEPTHS_OF_YOUNG));
        while (first > last && spans.get(first - 1).until().isAfter(young)) {
            first--;
        }
        return first;
    }

    private static AddressOwners recordOf(List<Span> spans, @Nullable Instant knownSince) {
        List<Ownership> owners = new ArrayList<>(spans.size());
        for (Span span : spans) {
            owners.add(new Ownership(span.identity(), span.from(), span.isOpen() ? null : span.until()));
        }
        return new AddressOwners(owners, knownSince);
    }

    /** Number of addresses with a history. */
    int size() {
        return entries.size();
    }

    /** Number of spans in all histories, as last handed out. */
    long spans() {
        return spansHeld;
    }

    /** Number of spans that were dropped because there were too many younger ones. */
    long forgotten() {
        return spansForgotten;
    }

    /** The most spans any address has, as last handed out. */
    int deepest() {
        return depths.isEmpty() ? 0 : depths.lastKey();
    }

    private void resized(int before, int after) {
        spansHeld += after - before;
        depths.computeIfPresent(before, (depth, count) -> count == 1 ? null : count - 1);
        if (after > 0) {
            depths.merge(after, 1, Integer::sum);
        }
    }
}
