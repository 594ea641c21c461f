package io.natator.bench.names;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.Ownership;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whether the topic names the owner that every address had at every moment that is certain. */
final class PastComparison {
    private record Holder(Seen seen, Seen.Hold hold) {}

    private final Recorder recorder;
    private final IdentityTable topic;
    private final List<Following.Gap> gaps;
    private final Instant asOf;
    private final Findings findings = new Findings();

    private PastComparison(Recorder recorder, IdentityTable topic, List<Following.Gap> gaps, Instant asOf) {
        this.recorder = recorder;
        this.topic = topic;
        this.gaps = gaps;
        this.asOf = asOf;
    }

    /**
     * Compares.
     *
     * @param gaps while no enricher followed the cluster: what came and went within one, none can have seen
     * @param asOf what happened later may not be in the topic yet
     */
    static Findings of(Recorder recorder, IdentityTable topic, List<Following.Gap> gaps, Instant asOf) {
        var comparison = new PastComparison(recorder, topic, gaps, asOf);
        comparison.compare();
        return comparison.findings;
    }

    private void compare() {
        Map<String, List<Holder>> byAddress = new TreeMap<>();
        for (Seen seen : recorder.all()) {
            if (seen.kind != WatchedKind.ENDPOINT_SLICE) {
                seen.holds.forEach((address, hold) -> byAddress
                        .computeIfAbsent(address, key -> new ArrayList<>())
                        .add(new Holder(seen, hold)));
            }
        }
        byAddress.forEach((address, holders) -> {
            holders.sort(Comparator.comparingLong(holder -> holder.hold().order()));
            if (holders.size() > 1) {
                findings.count("addresses used again");
            }
            findings.count("owners of addresses in all", holders.size());
            AddressOwners history = topic.history("ip/" + address).orElse(null);
            holders.forEach(holder -> check(address, holder, holders, history));
            if (history != null) {
                order(address, holders, history.getOwners());
            }
        });
    }

    private void check(String address, Holder holder, List<Holder> holders, @Nullable AddressOwners history) {
        Seen seen = holder.seen();
        Instant from = holder.hold().from();
        boolean past = seen.certainUntil != null;
        if (from.isAfter(asOf)) {
            findings.count("owners since too short a time");
            return;
        }
        Instant certain = seen.certainUntil == null ? from : seen.certainUntil;
        Instant until = certain.isAfter(asOf) ? asOf : certain;
        if (past ? !from.isBefore(until) : until.isBefore(from)) {
            findings.count("owners for less than is certain");
            return;
        }
        Instant knownSince = history == null ? null : history.getKnownSince();
        if (knownSince != null && until.isBefore(knownSince)) {
            findings.count("owners before the history that is kept");
            return;
        }
        String what = past ? "past owners" : "owners since they had it";
        // The end is cut to the second: at that very moment the next owner may have it.
        Instant last = past ? until.minus(1, ChronoUnit.MICROS) : until;
        for (Instant at : List.of(from, from.plus(Duration.between(from, until).dividedBy(2)), last)) {
            if (knownSince != null && at.isBefore(knownSince)) {
                continue;
            }
            Optional<Identity> said = ownerAt(history, at);
            if (said.isPresent() && said.get().getUid().equals(seen.uid)) {
                continue;
            }
            if (said.isPresent() && beganWithinTheSecondOf(at, said.get().getUid(), holders)) {
                findings.count("owners taken for the next one within the second in which it was created");
                return;
            }
            if (isUnseen(seen)) {
                findings.count(
                        said.isEmpty()
                                ? "owners that came and went while no enricher ran, not named"
                                : "owners that came and went while no enricher ran, taken for the one before or after");
                return;
            }
            findings.check(
                    what,
                    false,
                    () -> address + " was " + seen + "'s from " + from + " until " + until
                            + (past ? "" : " and on") + " and is said to have been at " + at + " "
                            + said.map(Identity::toString).orElse("nobody's") + "; " + history);
            return;
        }
        findings.check(what, true, () -> "");
    }

    /**
     * True for a node or Service that was created in the second of that moment: the API cuts the creation to the second,
     * so an enricher that was away meanwhile cannot tell on which side of it the moment was.
     */
    private static boolean beganWithinTheSecondOf(Instant at, String uid, List<Holder> holders) {
        return holders.stream()
                .map(Holder::seen)
                .filter(seen -> seen.uid.equals(uid) && seen.kind != WatchedKind.POD)
                .map(seen -> seen.essence.running())
                .anyMatch(created -> created != null && created.equals(at.truncatedTo(ChronoUnit.SECONDS)));
    }

    private static Optional<Identity> ownerAt(@Nullable AddressOwners history, Instant at) {
        return history == null
                ? Optional.empty()
                : history.getOwners().stream()
                        .filter(owner -> !owner.getFrom().isAfter(at))
                        .filter(owner ->
                                owner.getUntil() == null || owner.getUntil().isAfter(at))
                        .map(Ownership::getIdentity)
                        .findFirst();
    }

    private boolean isUnseen(Seen seen) {
        Instant gone = seen.goneBy;
        return gone != null && gaps.stream().anyMatch(gap -> gap.contains(seen.seenFirst) && gap.contains(gone));
    }

    /** Owners come in the order in which they had the address, none of them twice, none over another one. */
    private void order(String address, List<Holder> holders, List<Ownership> owners) {
        Map<String, Long> orders = new HashMap<>();
        holders.forEach(holder -> orders.put(holder.seen().uid, holder.hold().order()));
        @Nullable Ownership before = null;
        boolean right = true;
        for (Ownership owner : owners) {
            String uid = owner.getIdentity().getUid();
            right &= uid.isEmpty() || orders.containsKey(uid) || isRetired(uid);
            if (before != null) {
                Instant end = before.getUntil();
                right &= end != null && !end.isAfter(owner.getFrom());
                Long one = orders.get(before.getIdentity().getUid());
                Long other = orders.get(uid);
                right &= one == null || other == null || one <= other;
            }
            before = owner;
        }
        findings.check("histories in order", right, () -> address + ": " + owners + " where there were " + orders);
    }

    /** Services and nodes give addresses back while they exist. */
    private boolean isRetired(String uid) {
        return recorder.find(uid).filter(seen -> seen.kind != WatchedKind.POD).isPresent();
    }
}
