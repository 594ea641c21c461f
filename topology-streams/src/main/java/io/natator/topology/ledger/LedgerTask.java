package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.topology.activity.Attribution;
import io.natator.topology.ledger.Ledger.Step;
import io.natator.topology.link.DeltaSums;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.state.StreamClock;
import io.natator.topology.state.TopologyStatistics;
import io.natator.topology.state.TopologyStatistics.Correction;
import io.natator.topology.state.WriteBack;
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
record LedgerTask(
        ProcessorContext<Bytes, Attribution> context,
        Ledger ledger,
        WriteBack<Long, Entry> entries,
        DueIndex due,
        AttributedTotal attributed,
        DeltaSums deltas,
        StreamClock clock,
        TopologyStatistics statistics) {
    /** Bounds how long one look keeps new records waiting. */
    private static final int LOOK_LIMIT = 20_000;

    /** What is gathered is written before it is more than this: bounds the heap, about 1 KiB each. */
    private static final int MAX_UNWRITTEN = 10_000;

    /** The key of deltas of many connections. */
    private static final long MANY = 0;

    void take(@Nullable Long fingerprint, @Nullable ConnectionSnapshot snapshot) {
        long wallMillis = context.currentSystemTimeMs();
        Observation report = SnapshotCheck.check(fingerprint, snapshot, wallMillis);
        for (Correction correction : report.corrections()) {
            statistics.corrected(correction).increment();
        }
        statistics.snapshots.increment();
        statistics.lastSnapshotMillis.set(wallMillis);
        long now = clock.hear(report.half().observedAt(), wallMillis);
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
        Step step = ledger.hear(entry, report, now);
        if (step.entry() != null && !step.entry().equals(entry)) {
            if (entry == null) {
                due.add(step.entry().dueAt(), key);
            } else if (entry.dueAt() != step.entry().dueAt()) {
                due.remove(entry.dueAt(), key);
                due.add(step.entry().dueAt(), key);
            }
            if (step.entry().stage() == Stage.SETTLED && (entry == null || entry.stage() == Stage.WAITING)) {
                statistics.settled.increment();
                tellNaming(entry, step, now);
            }
            entries.put(key, entry, step.entry());
        }
        handOn(key, entry, step);
    }

    void look(long wallMillis) {
        long now = clock.now(wallMillis);
        for (DueIndex.Due item : due.take(now, LOOK_LIMIT)) {
            Entry entry = entries.get(item.key());
            if (entry == null || entry.dueAt() != item.at()) {
                continue;
            }
            Step step = ledger.due(entry, now);
            Entry after = step.entry();
            if (after == null) {
                entries.put(item.key(), entry, null);
            } else {
                tally(entry, step, after, now);
                due.add(after.dueAt(), item.key());
                entries.put(item.key(), entry, after);
            }
            handOn(item.key(), entry, step);
        }
    }

    private void tally(Entry before, Step step, Entry after, long now) {
        if (before.stage() == Stage.WAITING && after.stage() == Stage.SETTLED) {
            statistics.settledAtBound.increment();
            tellNaming(before, step, now);
        } else if (before.stage() == Stage.SETTLED && after.stage() != Stage.SETTLED) {
            (before.isEnding() ? statistics.evictedEnded : statistics.evictedIdle).increment();
        }
    }

    private void tellNaming(@Nullable Entry before, Step step, long now) {
        statistics.heldBackMicros.add(before == null ? 0 : ledger.waited(before, now));
        step.unresolved().forEach(reason -> statistics.unresolved(reason).increment());
    }

    private void handOn(long key, @Nullable Entry before, Step step) {
        statistics.foldedBytes.add(step.foldedBytes());
        statistics.udpLeftBytes.add(step.leftBytes());
        Entry entry = step.entry();
        LinkDelta delta = step.delta();
        if (entry == null || (delta == null && step.events().isEmpty())) {
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
        if (delta != null || !step.events().isEmpty()) {
            forward(link, new Attribution(key, delta, step.events()));
        }
        if (entries.unwritten() >= MAX_UNWRITTEN || deltas.size() >= MAX_UNWRITTEN) {
            flush();
        }
    }

    /** Writes what has changed, and hands on what has grown; to be called before each commit. */
    void flush() {
        entries.flush();
        due.flush();
        deltas.drain((link, delta) -> forward(link, new Attribution(MANY, delta, List.of())));
        attributed.flush();
    }

    private void forward(Bytes link, Attribution attribution) {
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
