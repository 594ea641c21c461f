package io.natator.topology.ledger;

import static io.natator.topology.Snapshots.START;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Workload;
import io.natator.topology.FakeIdentities;
import io.natator.topology.TopologyConfig;
import io.natator.topology.identity.Clusters;
import io.natator.topology.ledger.Ledger.Outcome;
import io.natator.topology.link.ConnectionCounts;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.link.Traffic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** Runs the ledger with a map instead of the state store. The test advances the clock. */
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
    private long udpServerBytes;
    private long withinPodBytes;

    record Total(
            Traffic traffic,
            ConnectionCounts connections,
            List<String> failures,
            long retransmits,
            int rttSamples,
            long durationMicros) {
        static final Total ZERO = new Total(Traffic.NONE, ConnectionCounts.NONE, List.of(), 0, 0, 0);

        Total plus(LinkDelta delta) {
            List<String> allFailures = new ArrayList<>(failures);
            if (!delta.failure().isEmpty()) {
                allFailures.add(delta.failure());
            }
            return new Total(
                    traffic.plus(delta.traffic()),
                    connections.plus(delta.connections()),
                    allFailures,
                    retransmits + delta.quality().retransmits(),
                    rttSamples + delta.quality().rttSamples().size(),
                    durationMicros + delta.quality().durationMicros());
        }

        long bytesToServer() {
            return traffic.bytesToServer();
        }

        long bytesToClient() {
            return traffic.bytesToClient();
        }

        long segmentsToServer() {
            return traffic.segmentsToServer();
        }

        long segmentsToClient() {
            return traffic.segmentsToClient();
        }

        long opened() {
            return connections.opened();
        }

        long closed() {
            return connections.closed();
        }

        long failed() {
            return connections.failed();
        }
    }

    LedgerRun(Clusters identities) {
        ledger = new Ledger(
                FakeIdentities.resolver(identities),
                TopologyConfig.fromOptions().connections().ledger());
    }

    void report(ConnectionSnapshot.Builder snapshot) {
        report(snapshot.build());
    }

    void report(ConnectionSnapshot snapshot) {
        report(FINGERPRINT, snapshot);
    }

    void report(long fingerprint, ConnectionSnapshot snapshot) {
        CheckedSnapshot checked = SnapshotCheck.check(fingerprint, snapshot, nowMicros / 1000 + 24 * 3_600_000L);
        long key = Fingerprints.ledgerKey(fingerprint, checked.half());
        @Nullable Entry entry = load(key);
        if (Fingerprints.collide(entry, checked)) {
            collisions++;
            key = Fingerprints.distinctKey(key, checked.half());
            entry = load(key);
        }
        apply(key, ledger.onSnapshot(entry, checked, nowMicros));
    }

    /** Advances the clock, and checks each entry at its due time. */
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
            boolean dueFound = false;
            for (long key : List.copyOf(store.keySet())) {
                Entry entry = Objects.requireNonNull(load(key));
                if (entry.dueAt() <= nowMicros) {
                    dueFound = true;
                    apply(key, ledger.checkDue(entry, nowMicros));
                }
            }
            if (!dueFound && nowMicros >= end) {
                return;
            }
        }
    }

    private void apply(long key, Outcome outcome) {
        foldedBytes += outcome.separately().folded();
        udpServerBytes += outcome.separately().udpServer();
        withinPodBytes += outcome.separately().withinPod();
        if (outcome.entry() == null) {
            store.remove(key);
            return;
        }
        store.put(key, serde.serializer().serialize("", outcome.entry()));
        LinkGrowth departure = outcome.departure();
        if (departure != null) {
            perLink.merge(
                    departure.link(),
                    Total.ZERO.plus(departure.delta()),
                    (before, left) -> before.plus(departure.delta()));
        }
        LinkDelta delta = outcome.delta();
        if (delta != null) {
            Bytes link = Objects.requireNonNull(outcome.link());
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
        return text(key.getClient()) + " -> " + text(key.getServer()) + ":" + key.getServerPort();
    }

    private static String text(Workload end) {
        String cluster = end.getCluster().isEmpty() ? "" : "/" + end.getCluster();
        return end.getName() + "@" + end.getNamespace() + cluster;
    }

    /** The growth of the link with this text, which {@link #links} contains. */
    Total of(String link) {
        return perLink.entrySet().stream()
                .filter(item -> link.equals(
                        text(NatatorSerdes.linkKey().decode(item.getKey().get()))))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
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

    long udpServerBytes() {
        return udpServerBytes;
    }

    long withinPodBytes() {
        return withinPodBytes;
    }

    boolean isEmpty() {
        return store.isEmpty();
    }

    Stage stage() {
        return Objects.requireNonNull(load(FINGERPRINT)).stage();
    }
}
