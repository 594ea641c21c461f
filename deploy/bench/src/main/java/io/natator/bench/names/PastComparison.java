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

/** Compares the past owners of each address in the topic with the recorded ones, at moments when the owner is certain. */
final class PastComparison {
    private record Holder(RecordedObject seen, RecordedObject.Hold hold) {}

    private final Recorder recorder;
    private final IdentityTable topic;
    private final List<ProgressGaps.Gap> gaps;
    private final Instant asOf;
    private final Findings findings = new Findings();

    private PastComparison(Recorder recorder, IdentityTable topic, List<ProgressGaps.Gap> gaps, Instant asOf) {
        this.recorder = recorder;
        this.topic = topic;
        this.gaps = gaps;
        this.asOf = asOf;
    }

    /**
     * Compares the owners, and counts the right and the wrong ones.
     *
     * @param gaps periods in which no enricher watched the cluster; the owner of an address may be unknown then, but not
     *     wrong
     * @param asOf time up to which the topic must contain all changes
     */
    static Findings of(Recorder recorder, IdentityTable topic, List<ProgressGaps.Gap> gaps, Instant asOf) {
        var comparison = new PastComparison(recorder, topic, gaps, asOf);
        comparison.compare();
        return comparison.findings;
    }

    private void compare() {
        Map<String, List<Holder>> byAddress = new TreeMap<>();
        for (RecordedObject seen : recorder.all()) {
            if (seen.kind != RecordedKind.ENDPOINT_SLICE) {
                seen.holds.forEach((address, hold) -> byAddress
                        .computeIfAbsent(address, key -> new ArrayList<>())
                        .add(new Holder(seen, hold)));
            }
        }
        byAddress.forEach((address, holders) -> {
            holders.sort(Comparator.comparingLong(holder -> holder.hold().order()));
            if (holders.size() > 1) {
                findings.count("addresses with several owners");
            }
            findings.count("owners of addresses", holders.size());
            AddressOwners history = topic.history("ip/" + address).orElse(null);
            holders.forEach(holder -> check(address, holder, holders, history));
            if (history != null) {
                order(address, holders, history.getOwners());
            }
        });
    }

    private void check(String address, Holder holder, List<Holder> holders, @Nullable AddressOwners history) {
        RecordedObject seen = holder.seen();
        Instant from = holder.hold().from();
        boolean past = seen.certainUntil != null;
        if (from.isAfter(asOf)) {
            findings.count("owners that are too recent to compare");
            return;
        }
        Instant certain = seen.certainUntil == null ? from : seen.certainUntil;
        Instant until = certain.isAfter(asOf) ? asOf : certain;
        if (past ? !from.isBefore(until) : until.isBefore(from)) {
            findings.count("owners without a moment that is certain");
            return;
        }
        Instant knownSince = history == null ? null : history.getKnownSince();
        if (knownSince != null && until.isBefore(knownSince)) {
            findings.count("owners before the retained history");
            return;
        }
        String what = past ? "past owners" : "present owners since their beginning";
        // The end is cut to the second, so the next owner may have the address at that moment.
        Instant last = past ? until.minus(1, ChronoUnit.MICROS) : until;
        for (Instant at : List.of(from, from.plus(Duration.between(from, until).dividedBy(2)), last)) {
            if (knownSince != null && at.isBefore(knownSince)) {
                continue;
            }
            Optional<Identity> published = ownerAt(history, at);
            if (published.isPresent() && published.get().getUid().equals(seen.uid)) {
                continue;
            }
            if (published.isPresent()
                    && beganWithinTheSecondOf(at, published.get().getUid(), holders)) {
                findings.count("owners confused with the next one within the second of its creation");
                return;
            }
            if (published.isEmpty() && gaps.stream().anyMatch(gap -> gap.contains(at))) {
                findings.count("owners unknown at a moment when no enricher watched");
                return;
            }
            findings.check(
                    what,
                    false,
                    () -> address + " was " + seen + "'s from " + from + " until " + until
                            + (past ? "" : " at least") + "; the topic has at " + at + ": "
                            + published.map(Identity::toString).orElse("no owner") + "; " + history);
            return;
        }
        findings.check(what, true, () -> "");
    }

    /**
     * Returns true for a node or Service that was created within the second of that moment. The API cuts creations to
     * seconds, so an enricher that did not run then cannot know which came first.
     */
    private static boolean beganWithinTheSecondOf(Instant at, String uid, List<Holder> holders) {
        return holders.stream()
                .map(Holder::seen)
                .filter(seen -> seen.uid.equals(uid) && seen.kind != RecordedKind.POD)
                .map(seen -> seen.fields.lifetime().running())
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

    /** The owners of a history are in the order in which they had the address, without repetitions and overlaps. */
    private void order(String address, List<Holder> holders, List<Ownership> owners) {
        Map<String, Long> orders = new HashMap<>();
        holders.forEach(holder -> orders.put(holder.seen().uid, holder.hold().order()));
        @Nullable Ownership before = null;
        boolean right = true;
        for (Ownership owner : owners) {
            String uid = owner.getIdentity().getUid();
            right &= uid.isEmpty() || orders.containsKey(uid) || mayRelease(uid);
            if (before != null) {
                Instant end = before.getUntil();
                right &= end != null && !end.isAfter(owner.getFrom());
                Long one = orders.get(before.getIdentity().getUid());
                Long other = orders.get(uid);
                right &= one == null || other == null || one <= other;
            }
            before = owner;
        }
        findings.check(
                "histories in order", right, () -> address + ": the topic has " + owners + ", recorded were " + orders);
    }

    /** Returns true for Services and nodes, which can release an address while they exist. */
    private boolean mayRelease(String uid) {
        return recorder.find(uid).filter(seen -> seen.kind != RecordedKind.POD).isPresent();
    }
}
