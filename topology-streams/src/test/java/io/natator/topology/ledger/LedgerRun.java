package io.natator.topology.ledger;

import static io.natator.topology.Snapshots.START;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.TopologyConfig;
import io.natator.topology.identity.AskedNames;
import io.natator.topology.identity.ExternalNames;
import io.natator.topology.identity.Identities;
import io.natator.topology.identity.InternalAddresses;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.identity.PeerNames;
import io.natator.topology.identity.WorkloadResolver;
import io.natator.topology.ledger.Ledger.Step;
import io.natator.topology.link.LinkDelta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** Drives the ledger's rules with a map for a store and a clock that the test moves. */
final class LedgerRun {
    private static final long FINGERPRINT = 42;

    private final Ledger ledger;
    private final EntrySerde serde = new EntrySerde();
    private final Map<Long, byte[]> store = new HashMap<>();
    private final Set<String> links = new LinkedHashSet<>();
    private final Map<Bytes, Total> perLink = new HashMap<>();
    private long nowMicros = START.getEpochSecond() * 1_000_000;
    private Total total = Total.ZERO;
    private int collisions;
    private long foldedBytes;
    private long leftBytes;

    /** Sums of deltas. */
    record Total(
            long bytesToServer,
            long bytesToClient,
            long segmentsToServer,
            long segmentsToClient,
            long opened,
            long closed,
            long failed,
            List<String> failures,
            long retransmits,
            int rttSamples,
            long durationMicros) {
        static final Total ZERO = new Total(0, 0, 0, 0, 0, 0, 0, List.of(), 0, 0, 0);

        Total plus(LinkDelta delta) {
            List<String> allFailures = new ArrayList<>(failures);
            if (!delta.getFailure().isEmpty()) {
                allFailures.add(delta.getFailure());
            }
            return new Total(
                    bytesToServer + delta.getBytesToServer(),
                    bytesToClient + delta.getBytesToClient(),
                    segmentsToServer + delta.getSegmentsToServer(),
                    segmentsToClient + delta.getSegmentsToClient(),
                    opened + delta.getConnectionsOpened(),
                    closed + delta.getConnectionsClosed(),
                    failed + delta.getConnectionsFailed(),
                    allFailures,
                    retransmits + delta.getRetransmits(),
                    rttSamples + delta.getRttSamples().size(),
                    durationMicros + delta.getDurationMicros());
        }
    }

    LedgerRun(Identities identities) {
        ledger = new Ledger(
                new WorkloadResolver(
                        identities,
                        AskedNames.NONE,
                        new NamingRules(
                                new InternalAddresses(List.of()),
                                ExternalNames.NONE,
                                PeerNames.NONE,
                                Duration.ofHours(24),
                                true)),
                TopologyConfig.fromOptions().connections().ledger());
    }

    void hear(ConnectionSnapshot.Builder snapshot) {
        hear(snapshot.build());
    }

    void hear(ConnectionSnapshot snapshot) {
        hear(FINGERPRINT, snapshot);
    }

    void hear(long fingerprint, ConnectionSnapshot snapshot) {
        Observation report = SnapshotCheck.check(fingerprint, snapshot, nowMicros / 1000 + 24 * 3_600_000L);
        long key = report.half().phase() == Phase.FOLDED
                ? Fingerprints.apart(fingerprint, report.half().socket())
                : fingerprint;
        @Nullable Entry entry = load(key);
        if (Ledger.collides(entry, report)) {
            collisions++;
            key = Fingerprints.apart(key, report.half().socket());
            entry = load(key);
        }
        take(key, ledger.hear(entry, report, nowMicros));
    }

    /** Lets time pass, second by second. */
    void pass(int seconds) {
        long end = nowMicros + seconds * 1_000_000L;
        while (true) {
            long next = end;
            for (long key : store.keySet()) {
                next = Math.min(
                        next,
                        Math.max(nowMicros, Objects.requireNonNull(load(key)).dueAt()));
            }
            nowMicros = next;
            boolean looked = false;
            for (long key : List.copyOf(store.keySet())) {
                Entry entry = Objects.requireNonNull(load(key));
                if (entry.dueAt() <= nowMicros) {
                    looked = true;
                    take(key, ledger.due(entry, nowMicros));
                }
            }
            if (!looked && nowMicros >= end) {
                return;
            }
        }
    }

    private void take(long key, Step step) {
        foldedBytes += step.foldedBytes();
        leftBytes += step.leftBytes();
        if (step.entry() == null) {
            store.remove(key);
            return;
        }
        store.put(key, serde.serializer().serialize("", step.entry()));
        LinkDelta delta = step.delta();
        if (delta != null) {
            Bytes link = Objects.requireNonNull(step.entry().link());
            links.add(text(NatatorSerdes.linkKey().decode(link.get())));
            total = total.plus(delta);
            perLink.merge(link, Total.ZERO.plus(delta), (before, first) -> before.plus(delta));
        }
    }

    private @Nullable Entry load(long key) {
        byte[] bytes = store.get(key);
        return bytes == null ? null : serde.deserializer().deserialize("", bytes);
    }

    private static String text(LinkKey key) {
        return key.getClient().getName() + "@" + key.getClient().getNamespace() + " -> "
                + key.getServer().getName() + "@" + key.getServer().getNamespace() + ":" + key.getServerPort();
    }

    Set<String> links() {
        return links;
    }

    Total total() {
        return total;
    }

    Map<Bytes, Total> perLink() {
        return perLink;
    }

    int collisions() {
        return collisions;
    }

    long foldedBytes() {
        return foldedBytes;
    }

    long leftBytes() {
        return leftBytes;
    }

    boolean isEmpty() {
        return store.isEmpty();
    }

    Stage stage() {
        return Objects.requireNonNull(load(FINGERPRINT)).stage();
    }
}
