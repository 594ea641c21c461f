package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.identity.StoredDnsNames;
import io.natator.topology.identity.StoredIdentities;
import io.natator.topology.identity.WorkloadResolver;
import io.natator.topology.link.DeltaAggregator;
import io.natator.topology.state.CommitHook;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.state.StreamClock;
import io.natator.topology.state.TopologyStatistics;
import io.natator.topology.state.WriteBackCache;
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
final class LedgerProcessor implements Processor<Long, ConnectionSnapshot, Bytes, LedgerOutput> {
    static final String LEDGER = "ledger";
    static final String DUE = "ledger-due";

    private static final String COMMIT = "ledger-commit";

    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    /** Both ends of a connection report within moments: bounds the heap, about 1 KiB each, of one task. */
    private static final int RECENT_ENTRIES = 8_000;

    private final Supplier supplier;
    private @Nullable LedgerPartition partition;

    private LedgerProcessor(Supplier supplier) {
        this.supplier = supplier;
    }

    /** What makes a processor for each task, with its stores. */
    record Supplier(
            LedgerRetention bounds,
            NamingRules rules,
            @Nullable ActivityRules activity,
            Duration windowSize,
            TopologyStatistics statistics,
            CommittedStores readable)
            implements ProcessorSupplier<Long, ConnectionSnapshot, Bytes, LedgerOutput> {
        @Override
        public Processor<Long, ConnectionSnapshot, Bytes, LedgerOutput> get() {
            return new LedgerProcessor(this);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return Set.of(
                    CommitHook.builder(COMMIT),
                    Stores.keyValueStoreBuilder(
                            Stores.persistentKeyValueStore(LEDGER), Serdes.Long(), new EntrySerde()),
                    Stores.keyValueStoreBuilder(
                            Stores.persistentKeyValueStore(DUE), Serdes.Bytes(), Serdes.ByteArray()),
                    Stores.keyValueStoreBuilder(
                            Stores.inMemoryKeyValueStore(LedgerTotalStore.STORE),
                            Serdes.String(),
                            AvroSerde.<LedgerTotal>of(LedgerTotal.getClassSchema())));
        }
    }

    @Override
    public void init(ProcessorContext<Bytes, LedgerOutput> context) {
        TopologyStatistics statistics = supplier.statistics();
        NamingRules rules = supplier.rules();
        var resolver = new WorkloadResolver(
                new StoredIdentities(context.getStateStore(StoredIdentities.STORE), statistics.identityChanges),
                new StoredDnsNames(context.getStateStore(StoredDnsNames.STORE), rules.dnsNameAge()),
                rules);
        KeyValueStore<Long, Entry> entries = context.getStateStore(LEDGER);
        KeyValueStore<Bytes, byte[]> due = context.getStateStore(DUE);
        var started = new LedgerPartition(
                context,
                new Ledger(resolver, supplier.bounds(), supplier.activity()),
                new WriteBackCache<>(entries, RECENT_ENTRIES),
                new DueIndex(due),
                new LedgerTotalStore(context, supplier.readable()),
                new DeltaAggregator(supplier.windowSize()),
                new StreamClock(supplier.bounds().settleAfter(), context.currentSystemTimeMs()),
                statistics);
        partition = started;
        CommitHook.register(context, COMMIT, started::flush);
        context.schedule(CHECK_INTERVAL, PunctuationType.WALL_CLOCK_TIME, started::checkDue);
        statistics.ledgerTasks.incrementAndGet();
    }

    @Override
    public void process(Record<Long, ConnectionSnapshot> record) {
        if (partition != null) {
            partition.onSnapshot(record.key(), record.value());
        }
    }

    @Override
    public void close() {
        if (partition != null) {
            partition.close();
            supplier.statistics().ledgerTasks.decrementAndGet();
            partition = null;
        }
    }
}
