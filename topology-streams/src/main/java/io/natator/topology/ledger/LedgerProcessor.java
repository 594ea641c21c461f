package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.topology.activity.Attribution;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.identity.StoredDnsNames;
import io.natator.topology.identity.StoredIdentities;
import io.natator.topology.identity.WorkloadResolver;
import io.natator.topology.ledger.Ledger.Step;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.state.RecentValues;
import io.natator.topology.state.StreamClock;
import io.natator.topology.state.TopologyStatistics;
import io.natator.topology.state.TopologyStatistics.Correction;
import java.time.Duration;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/** Carries the ledger's entries between the store and the rules, and the deltas on. */
final class LedgerProcessor implements Processor<Long, ConnectionSnapshot, Bytes, Attribution> {
    static final String LEDGER = "ledger";
    static final String DUE = "ledger-due";

    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

    /** Bounds how long one look keeps new records waiting. */
    private static final int LOOK_LIMIT = 20_000;

    /** Both ends of a connection report within moments: bounds the heap, about 1 KiB each, of one task. */
    private static final int RECENT_ENTRIES = 8_000;

    private final LedgerBounds bounds;
    private final NamingRules rules;
    private final @Nullable ActivityRules activity;
    private final TopologyStatistics statistics;
    private final CommittedStores readable;
    private @Nullable Task task;

    private LedgerProcessor(Supplier supplier) {
        bounds = supplier.bounds;
        rules = supplier.rules;
        activity = supplier.activity;
        statistics = supplier.statistics;
        readable = supplier.readable;
    }

    /** What makes a processor for each task, with its stores. */
    record Supplier(
            LedgerBounds bounds,
            NamingRules rules,
            @Nullable ActivityRules activity,
            TopologyStatistics statistics,
            CommittedStores readable)
            implements ProcessorSupplier<Long, ConnectionSnapshot, Bytes, Attribution> {
        @Override
        public Processor<Long, ConnectionSnapshot, Bytes, Attribution> get() {
            return new LedgerProcessor(this);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return Set.of(
                    Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(LEDGER), Serdes.Long(), new EntrySerde())
                            .withCachingEnabled(),
                    Stores.keyValueStoreBuilder(
                            Stores.persistentKeyValueStore(DUE), Serdes.Bytes(), Serdes.ByteArray()),
                    Stores.keyValueStoreBuilder(
                                    Stores.inMemoryKeyValueStore(AttributedTotal.STORE),
                                    Serdes.String(),
                                    AvroSerde.<Attributed>of(Attributed.getClassSchema()))
                            .withCachingEnabled());
        }
    }

    @Override
    public void init(ProcessorContext<Bytes, Attribution> context) {
        var resolver = new WorkloadResolver(
                new StoredIdentities(context.getStateStore(StoredIdentities.STORE), statistics.identityChanges),
                new StoredDnsNames(context.getStateStore(StoredDnsNames.STORE), rules.dnsNameAge()),
                rules);
        KeyValueStore<Long, Entry> entries = context.getStateStore(LEDGER);
        KeyValueStore<Bytes, byte[]> due = context.getStateStore(DUE);
        task = new Task(
                context,
                new Ledger(resolver, bounds, activity),
                new RecentValues<>(entries, RECENT_ENTRIES),
                new DueIndex(due),
                new AttributedTotal(context, readable),
                new StreamClock(bounds.settleAfter(), context.currentSystemTimeMs()),
                statistics);
        context.schedule(LOOK_INTERVAL, PunctuationType.WALL_CLOCK_TIME, task::look);
        statistics.ledgerTasks.incrementAndGet();
    }

    @Override
    public void process(Record<Long, ConnectionSnapshot> record) {
        if (task != null) {
            task.take(record.key(), record.value());
        }
    }

    @Override
    public void close() {
        if (task != null) {
            task.attributed().close();
            statistics.ledgerTasks.decrementAndGet();
            task = null;
        }
    }

    /** The processor once it is initialised. */
    private record Task(
            ProcessorContext<Bytes, Attribution> context,
            Ledger ledger,
            RecentValues<Long, Entry> entries,
            DueIndex due,
            AttributedTotal attributed,
            StreamClock clock,
            TopologyStatistics statistics) {

        void take(@Nullable Long fingerprint, @Nullable ConnectionSnapshot snapshot) {
            long wallMillis = context.currentSystemTimeMs();
            Observation report = SnapshotCheck.check(fingerprint, snapshot, wallMillis);
            for (Correction correction : report.corrections()) {
                statistics.corrected(correction).increment();
            }
            statistics.snapshots.increment();
            statistics.lastSnapshotMillis.set(wallMillis);
            long now = clock.hear(report.half().observedAt(), wallMillis);
            long key = java.util.Objects.requireNonNull(fingerprint);
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
                entries.put(key, step.entry());
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
                    entries.delete(item.key());
                } else {
                    tally(entry, step, after, now);
                    due.add(after.dueAt(), item.key());
                    entries.put(item.key(), after);
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
            if (delta != null) {
                attributed.add(delta);
            }
            long at = delta != null ? delta.getUntil() : step.events().getLast().at();
            context.forward(new Record<>(link, new Attribution(key, delta, step.events()), Math.max(0, at / 1000)));
        }
    }
}
