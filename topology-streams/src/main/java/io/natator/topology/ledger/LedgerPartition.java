package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.topology.ledger.DueIndex.Due;
import io.natator.topology.ledger.Ledger.Outcome;
import io.natator.topology.link.DeltaAggregator;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.state.StreamClock;
import io.natator.topology.statistics.SnapshotCorrection;
import io.natator.topology.statistics.TopologyStatistics;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * One partition of the ledger. Changed entries and the growth of links stay in memory until the next commit. Before the
 * commit, each changed entry is written once, and the growth is forwarded once for each link and window. Must be used
 * by one thread.
 */
record LedgerPartition(
        ProcessorContext<Bytes, LedgerOutput> context,
        Ledger ledger,
        LedgerStores stores,
        DeltaAggregator deltas,
        StreamClock clock,
        TopologyStatistics statistics) {
    /** Used instead of a ledger key if an output has the growth of several connections. */
    private static final long SEVERAL_CONNECTIONS = 0;

    void onSnapshot(@Nullable Long fingerprint, @Nullable ConnectionSnapshot snapshot) {
        long wallMillis = context.currentSystemTimeMs();
        CheckedSnapshot report = SnapshotCheck.check(fingerprint, snapshot, wallMillis);
        for (SnapshotCorrection correction : report.corrections()) {
            statistics.corrected(correction).increment();
        }
        statistics.snapshots.increment();
        statistics.lastSnapshotMillis.set(wallMillis);
        long now = clock.onRecord(report.half().observedAt());
        long key = Fingerprints.ledgerKey(Objects.requireNonNull(fingerprint), report.half());
        @Nullable Entry entry = stores.entries().get(key);
        if (Fingerprints.collide(entry, report)) {
            statistics.collisions.increment();
            key = Fingerprints.distinctKey(key, report.half());
            entry = stores.entries().get(key);
        }
        if (CounterRules.shrinks(entry, report)) {
            statistics.corrected(SnapshotCorrection.SHRUNK_COUNTER).increment();
        }
        Outcome outcome = ledger.onSnapshot(entry, report, now);
        Entry after = outcome.entry();
        if (after != null && !after.equals(entry)) {
            if (after.stage() == Stage.SETTLED && (entry == null || entry.stage() == Stage.WAITING)) {
                statistics.settled.increment();
                countNaming(entry, outcome, now);
            } else if (isMoved(entry, after)) {
                statistics.movedConnections.increment();
            }
            stores.replace(key, entry, after);
        }
        forward(key, outcome);
    }

    private static boolean isMoved(@Nullable Entry before, Entry after) {
        return before != null && before.stage() == Stage.SETTLED && !Objects.equals(before.link(), after.link());
    }

    /** Checks the entries whose due time has come. */
    void checkDue() {
        long now = clock.now();
        for (Due item : stores.due().poll(now, LedgerLimits.MAX_CHECKED)) {
            Entry entry = stores.entries().get(item.key());
            if (entry == null || entry.dueAt() != item.at()) {
                continue;
            }
            Outcome outcome = ledger.checkDue(entry, now);
            Entry after = outcome.entry();
            if (after == null) {
                stores.entries().put(item.key(), entry, null);
            } else {
                countTransition(entry, after, outcome, now);
                stores.due().schedule(Due.of(item.key(), after));
                stores.entries().put(item.key(), entry, after);
            }
            forward(item.key(), outcome);
        }
    }

    private void countTransition(Entry before, Entry after, Outcome outcome, long now) {
        if (before.stage() == Stage.WAITING && after.stage() == Stage.SETTLED) {
            (ledger.isWaitOver(before, now) ? statistics.settledAtBound : statistics.settled).increment();
            countNaming(before, outcome, now);
        } else if (before.stage() == Stage.SETTLED && after.stage() != Stage.SETTLED) {
            (before.halves().oneHasEnded() ? statistics.evictedEnded : statistics.evictedIdle).increment();
        }
    }

    private void countNaming(@Nullable Entry before, Outcome outcome, long now) {
        statistics.heldBackMicros.add(before == null ? 0 : ledger.waitedMicros(before, now));
        outcome.unresolved().forEach(reason -> statistics.unresolved(reason).increment());
    }

    private void forward(long key, Outcome outcome) {
        statistics.foldedBytes.add(outcome.separately().folded());
        statistics.udpServerBytes.add(outcome.separately().udpServer());
        statistics.withinPodBytes.add(outcome.separately().withinPod());
        LinkGrowth departure = outcome.departure();
        if (departure != null) {
            deltas.add(departure.link(), departure.delta());
        }
        Bytes link = outcome.link();
        LinkDelta delta = outcome.delta();
        if (link == null || (delta == null && outcome.events().isEmpty())) {
            return;
        }
        if (delta != null && deltas.add(link, delta)) {
            delta = null;
        }
        if (delta != null || !outcome.events().isEmpty()) {
            forward(link, new LedgerOutput(key, delta, outcome.events()));
        }
        if (stores.entries().unwritten() >= LedgerLimits.MAX_UNWRITTEN || deltas.size() >= LedgerLimits.MAX_UNWRITTEN) {
            flush();
        }
    }

    /** Writes the changed entries to the stores, and forwards the growth of links. Called before each commit. */
    void flush() {
        stores.flush();
        deltas.drain((link, delta) -> forward(link, new LedgerOutput(SEVERAL_CONNECTIONS, delta, List.of())));
        stores.total().flush();
    }

    private void forward(Bytes link, LedgerOutput output) {
        LinkDelta delta = output.delta();
        if (delta != null) {
            stores.total().add(delta);
        }
        long at = delta != null
                ? delta.span().until()
                : output.events().getLast().times().at();
        context.forward(new Record<>(link, output, Math.max(0, at / 1000)));
    }

    void close() {
        stores.total().close();
    }
}
