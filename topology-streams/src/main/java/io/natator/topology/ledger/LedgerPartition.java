package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.topology.ledger.Ledger.Outcome;
import io.natator.topology.link.DeltaAggregator;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.state.StreamClock;
import io.natator.topology.state.TopologyStatistics;
import io.natator.topology.state.TopologyStatistics.Correction;
import io.natator.topology.state.WriteBackCache;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * One partition of the ledger. What changes is gathered, and written and handed on before each commit: an entry once
 * however many reports it has had, growth once for each link and window. One thread.
 */
record LedgerPartition(
        ProcessorContext<Bytes, LedgerOutput> context,
        Ledger ledger,
        WriteBackCache<Long, Entry> entries,
        DueIndex due,
        LedgerTotalStore attributed,
        DeltaAggregator deltas,
        StreamClock clock,
        TopologyStatistics statistics) {
    /** Bounds how long one look keeps new records waiting. */
    private static final int CHECK_LIMIT = 20_000;

    /** What is gathered is written before it is more than this: bounds the heap, about 1 KiB each. */
    private static final int MAX_UNWRITTEN = 10_000;

    /** The key of deltas of many connections. */
    private static final long MANY = 0;

    void onSnapshot(@Nullable Long fingerprint, @Nullable ConnectionSnapshot snapshot) {
        long wallMillis = context.currentSystemTimeMs();
        CheckedSnapshot report = SnapshotCheck.check(fingerprint, snapshot, wallMillis);
        for (Correction correction : report.corrections()) {
            statistics.corrected(correction).increment();
        }
        statistics.snapshots.increment();
        statistics.lastSnapshotMillis.set(wallMillis);
        long now = clock.onRecord(report.half().observedAt(), wallMillis);
        long key = Objects.requireNonNull(fingerprint);
        if (report.half().phase() == Phase.FOLDED) {
            key = Fingerprints.apart(key, report.half().socket());
        }
        @Nullable Entry entry = entries.get(key);
        if (Ledger.collides(entry, report)) {
            statistics.collisions.increment();
            key = Fingerprints.apart(key, report.half().socket());
            entry = entries.get(key);
        }
        if (Ledger.shrinks(entry, report)) {
            statistics.corrected(Correction.SHRUNK_COUNTER).increment();
        }
        Outcome outcome = ledger.onSnapshot(entry, report, now);
        if (outcome.entry() != null && !outcome.entry().equals(entry)) {
            if (entry == null) {
                due.add(outcome.entry().dueAt(), key);
            } else if (entry.dueAt() != outcome.entry().dueAt()) {
                due.remove(entry.dueAt(), key);
                due.add(outcome.entry().dueAt(), key);
            }
            if (outcome.entry().stage() == Stage.SETTLED && (entry == null || entry.stage() == Stage.WAITING)) {
                statistics.settled.increment();
                countNaming(entry, outcome, now);
            }
            entries.put(key, entry, outcome.entry());
        }
        forward(key, entry, outcome);
    }

    void checkDue(long wallMillis) {
        long now = clock.now(wallMillis);
        for (DueIndex.Due item : due.poll(now, CHECK_LIMIT)) {
            Entry entry = entries.get(item.key());
            if (entry == null || entry.dueAt() != item.at()) {
                continue;
            }
            Outcome outcome = ledger.checkDue(entry, now);
            Entry after = outcome.entry();
            if (after == null) {
                entries.put(item.key(), entry, null);
            } else {
                countTransition(entry, outcome, after, now);
                due.add(after.dueAt(), item.key());
                entries.put(item.key(), entry, after);
            }
            forward(item.key(), entry, outcome);
        }
    }

    private void countTransition(Entry before, Outcome outcome, Entry after, long now) {
        if (before.stage() == Stage.WAITING && after.stage() == Stage.SETTLED) {
            statistics.settledAtBound.increment();
            countNaming(before, outcome, now);
        } else if (before.stage() == Stage.SETTLED && after.stage() != Stage.SETTLED) {
            (before.isEnding() ? statistics.evictedEnded : statistics.evictedIdle).increment();
        }
    }

    private void countNaming(@Nullable Entry before, Outcome outcome, long now) {
        statistics.heldBackMicros.add(before == null ? 0 : ledger.waitedMicros(before, now));
        outcome.unresolved().forEach(reason -> statistics.unresolved(reason).increment());
    }

    private void forward(long key, @Nullable Entry before, Outcome outcome) {
        statistics.foldedBytes.add(outcome.foldedBytes());
        statistics.udpServerBytes.add(outcome.udpServerBytes());
        Entry entry = outcome.entry();
        LinkDelta delta = outcome.delta();
        if (entry == null || (delta == null && outcome.events().isEmpty())) {
            return;
        }
        // What has nothing more to add has forgotten its link.
        Bytes link = entry.link() == null && before != null ? before.link() : entry.link();
        if (link == null) {
            return;
        }
        if (delta != null && deltas.add(link, delta)) {
            delta = null;
        }
        if (delta != null || !outcome.events().isEmpty()) {
            forward(link, new LedgerOutput(key, delta, outcome.events()));
        }
        if (entries.unwritten() >= MAX_UNWRITTEN || deltas.size() >= MAX_UNWRITTEN) {
            flush();
        }
    }

    /** Writes what has changed, and hands on what has grown; to be called before each commit. */
    void flush() {
        entries.flush();
        due.flush();
        deltas.drain((link, delta) -> forward(link, new LedgerOutput(MANY, delta, List.of())));
        attributed.flush();
    }

    private void forward(Bytes link, LedgerOutput attribution) {
        LinkDelta delta = attribution.delta();
        if (delta != null) {
            attributed.add(delta);
        }
        long at = delta != null
                ? delta.getUntil()
                : attribution.events().getLast().at();
        context.forward(new Record<>(link, attribution, Math.max(0, at / 1000)));
    }

    void close() {
        attributed.close();
    }
}
