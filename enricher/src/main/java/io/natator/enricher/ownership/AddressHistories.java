package io.natator.enricher.ownership;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.Ownership;
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
 * Stores the history of every address: its claims (which object had the address, and when), and the spans (periods with
 * one owner) that were last returned for writing. A second instance stores the histories of node ports instead of
 * addresses. Not thread-safe.
 */
final class AddressHistories {
    private static final class Entry {
        final List<Claim> claims = new ArrayList<>(1);
        List<OwnershipSpan> written = List.of();
        /** Start of the retained history; null if no older span was dropped because the address had too many. */
        @Nullable
        Instant knownSince;
    }

    private final String keyPrefix;
    private final Limits limits;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Set<String> dirty = new LinkedHashSet<>();
    /** The addresses that each claimant (pod, node or Service) had when the topic was last written, by claimant. */
    private final Map<String, Set<String>> restored = new HashMap<>();

    private long sequence;
    /** How many addresses have a certain number of spans; the key is that number of spans. */
    private final TreeMap<Integer, Integer> depths = new TreeMap<>();

    private long spanCount;
    private long forgottenSpans;

    /** @param keyPrefix the part of the topic's keys before the address, such as {@code ip/} */
    AddressHistories(String keyPrefix, Limits limits) {
        this.keyPrefix = keyPrefix;
        this.limits = limits;
    }

    /** Restores a record that an earlier run wrote. */
    void restore(String address, AddressOwners owners) {
        var entry = new Entry();
        List<OwnershipSpan> spans =
                owners.getOwners().stream().map(OwnershipSpan::of).toList();
        for (int i = 0; i < spans.size(); i++) {
            OwnershipSpan span = spans.get(i);
            Identity identity = owners.getOwners().get(i).getIdentity();
            boolean isShared = spans.stream().filter(span::overlaps).count() > 1;
            ClaimRank rank =
                    isShared ? sharedRankOf(identity) : span.isOpen() ? openRankOf(identity) : ClaimRank.SETTLED;
            var claim = new Claim(claimantOf(identity), rank, sequence++, identity, span.from(), span.from());
            claim.acquiredBy = span.from(); // This run cannot know the begin more precisely than the earlier run did.
            if (span.isOpen()) {
                restored.computeIfAbsent(claim.uid, uid -> new HashSet<>(2)).add(address);
            } else {
                claim.endedBy = span.until();
            }
            entry.claims.add(claim);
        }
        entry.knownSince = owners.getKnownSince();
        entry.written = spans;
        onResized(0, spans.size());
        entries.put(address, entry);
    }

    /** The claimant's key: the owner's UID, or its kind, namespace and name if it has no UID. */
    static String claimantOf(Identity identity) {
        return identity.getUid().isEmpty()
                ? identity.getKind() + "/" + identity.getNamespace() + "/" + identity.getName()
                : identity.getUid();
    }

    private static ClaimRank openRankOf(Identity identity) {
        return switch (identity.getKind()) {
            case "Node" -> ClaimRank.NODE;
            case "Pod" -> ClaimRank.POD;
            default -> ClaimRank.CLUSTER_IP;
        };
    }

    /** The rank of a Service that shares an address. A Service owns the addresses of its endpoints without its UID. */
    private static ClaimRank sharedRankOf(Identity identity) {
        return identity.getUid().isEmpty() ? ClaimRank.ENDPOINT : ClaimRank.EXTERNAL;
    }

    /** The owners whose claims were restored from the topic and whose objects have not been observed in this run. */
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

    /** Returns the addresses that the claimant had when the topic was last written. A second call returns none. */
    Set<String> takeRestored(String claimant) {
        Set<String> addresses = restored.remove(claimant);
        return addresses == null ? Set.of() : addresses;
    }

    /** The identity of the claimant; null if the claimant does not have the address or has no name yet. */
    @Nullable
    Identity identityOf(String address, String uid) {
        Entry entry = entries.get(address);
        Claim claim = entry == null ? null : openClaimOf(entry, uid);
        return claim == null ? null : claim.identity;
    }

    /**
     * Records that the claimant has the address. If it has the address already, the call makes the claim more precise.
     */
    void claim(String address, String uid, ClaimRank rank, @Nullable Identity identity, Acquisition acquisition) {
        Entry entry = entries.computeIfAbsent(address, key -> new Entry());
        Claim claim = openClaimOf(entry, uid);
        if (claim != null && claim.rank != rank) {
            // The topic does not contain ranks, so a Service's claim that was restored from it has an assumed rank.
            // Replace it by a claim with the real rank.
            entry.claims.remove(claim);
            var ranked = new Claim(uid, rank, claim.sequence, identity, claim.from, claim.seenBy);
            ranked.narrow(claim.acquiredFrom, claim.acquiredBy);
            entry.claims.add(ranked);
            claim = ranked;
        }
        if (claim == null) {
            claim = new Claim(uid, rank, sequence++, identity, acquisition.from(), acquisition.seenBy());
            entry.claims.add(claim);
            dirty.add(address);
        }
        boolean narrowed = claim.narrow(acquisition.running(), acquisition.latest());
        if (narrowed || !Objects.equals(claim.identity, identity)) {
            claim.identity = identity;
            dirty.add(address);
        }
    }

    /**
     * Records that the claimant no longer has the address.
     *
     * @param endedFrom the claimant had the address at least until this time; null if unknown
     * @param endedBy the claimant had released the address by this time
     */
    void release(String address, String uid, @Nullable Instant endedFrom, Instant endedBy) {
        openClaim(address, uid, claim -> {
            claim.endedFrom = endedFrom;
            claim.endedBy = OwnershipTimeline.later(endedBy, claim.from);
            dirty.add(address);
        });
    }

    /** Replaces the identity in all claims of a claimant to these addresses, including claims that have ended. */
    void rename(String uid, Set<String> addresses, @Nullable Identity identity) {
        for (String address : addresses) {
            Entry entry = entries.get(address);
            if (entry != null) {
                entry.claims.stream()
                        .filter(claim -> claim.uid.equals(uid) && claim.rank != ClaimRank.SETTLED)
                        .forEach(claim -> claim.identity = identity);
                dirty.add(address);
            }
        }
    }

    /** Returns true if the claimant has an open or ended claim to the address. */
    boolean hasClaim(String address, String uid) {
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

    /** Marks the histories that contain expired claims, so that the next {@link #drain} removes these claims. */
    void checkDue(Instant now) {
        Instant oldest = now.minus(limits.addressRetention());
        entries.forEach((address, entry) -> {
            if (entry.claims.stream().anyMatch(claim -> claim.endedBy != null && claim.endedBy.isBefore(oldest))) {
                dirty.add(address);
            }
        });
    }

    /**
     * Adds to {@code updates} the records that have changed since they were last returned, until it has {@code limit}
     * entries.
     */
    void drain(Instant now, List<RecordUpdate> updates, int limit) {
        for (var addresses = dirty.iterator(); addresses.hasNext() && updates.size() < limit; ) {
            String address = addresses.next();
            addresses.remove();
            Entry entry = entries.get(address);
            if (entry != null) {
                drain(address, entry, now, updates::add);
            }
        }
    }

    private void drain(String address, Entry entry, Instant now, Consumer<RecordUpdate> updates) {
        Instant oldest = now.minus(limits.addressRetention());
        List<OwnershipSpan> all = OwnershipTimeline.of(entry.claims).stream()
                .filter(span -> !span.until().isBefore(oldest))
                .toList();
        int excess = excessOf(all, now.minus(Limits.RECENT));
        List<OwnershipSpan> retained = all.subList(excess, all.size());
        // Spans of Services that share an address overlap, so a retained span can begin before a dropped one ends.
        Instant start = retained.stream()
                .map(OwnershipSpan::from)
                .min(Instant::compareTo)
                .orElse(Instant.MAX);
        if (excess > 0) {
            start = OwnershipTimeline.later(start, all.get(excess - 1).until());
            entry.knownSince = start;
            forgottenSpans += excess;
        }
        Instant earliest = start;
        Predicate<Claim> isExpired =
                claim -> claim.endedBy != null && (!claim.endedBy.isAfter(earliest) || claim.endedBy.isBefore(oldest));
        entry.claims.removeIf(isExpired);
        List<OwnershipSpan> spans =
                retained.stream().filter(span -> span.identity() != null).toList();
        if (!spans.equals(entry.written)) {
            onResized(entry.written.size(), spans.size());
            entry.written = spans;
            updates.accept(
                    new RecordUpdate(keyPrefix + address, spans.isEmpty() ? null : recordOf(spans, entry.knownSince)));
        }
        if (entry.claims.isEmpty() && spans.isEmpty()) {
            entries.remove(address);
        }
    }

    /** The number of spans to drop, oldest first, because the address has more than {@link Limits} allow. */
    private int excessOf(List<OwnershipSpan> spans, Instant recent) {
        int excess = Math.max(0, spans.size() - limits.historyDepth());
        int minimum = (int) Math.max(0, spans.size() - limits.recentHistoryDepth());
        while (excess > minimum && spans.get(excess - 1).until().isAfter(recent)) {
            excess--;
        }
        return excess;
    }

    private static AddressOwners recordOf(List<OwnershipSpan> spans, @Nullable Instant knownSince) {
        List<Ownership> owners = new ArrayList<>(spans.size());
        for (OwnershipSpan span : spans) {
            owners.add(new Ownership(span.identity(), span.from(), span.isOpen() ? null : span.until()));
        }
        return new AddressOwners(owners, knownSince);
    }

    OwnershipModel.HistorySize size() {
        int deepest = depths.isEmpty() ? 0 : depths.lastKey();
        return new OwnershipModel.HistorySize(entries.size(), spanCount, deepest, forgottenSpans);
    }

    private void onResized(int before, int after) {
        spanCount += after - before;
        depths.computeIfPresent(before, (depth, count) -> count == 1 ? null : count - 1);
        if (after > 0) {
            depths.merge(after, 1, Integer::sum);
        }
    }
}
