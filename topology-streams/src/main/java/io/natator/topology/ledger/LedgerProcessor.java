package io.natator.topology.ledger;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.topology.identity.Clusters;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.identity.StoredClusters;
import io.natator.topology.identity.StoredDnsNames;
import io.natator.topology.identity.StoredIdentities;
import io.natator.topology.identity.WorkloadResolver;
import io.natator.topology.link.DeltaAggregator;
import io.natator.topology.state.CommitHook;
import io.natator.topology.state.StreamClock;
import io.natator.topology.state.WriteBackCache;
import io.natator.topology.statistics.TopologyStatistics;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Connects a {@link LedgerPartition} to Kafka Streams, which calls it for each snapshot, periodically to check due
 * entries, and before each commit.
 */
final class LedgerProcessor implements Processor<Long, ConnectionSnapshot, Bytes, LedgerOutput> {
    static final String LEDGER = "ledger";
    static final String DUE = "ledger-due";
    static final String COMMIT = "ledger-commit";

    private final LedgerProcessorSupplier settings;
    private @Nullable LedgerPartition partition;

    LedgerProcessor(LedgerProcessorSupplier settings) {
        this.settings = settings;
    }

    @Override
    public void init(ProcessorContext<Bytes, LedgerOutput> context) {
        TopologyStatistics statistics = settings.statistics();
        NamingRules rules = settings.rules();
        Clusters clusters = rules.enricher()
                ? new StoredClusters(
                        context.getStateStore(StoredIdentities.STORE), statistics, context::currentSystemTimeMs)
                : Clusters.NONE;
        var resolver = new WorkloadResolver(
                clusters, new StoredDnsNames(context.getStateStore(StoredDnsNames.STORE), rules.dnsNameAge()), rules);
        KeyValueStore<Long, Entry> entries = context.getStateStore(LEDGER);
        KeyValueStore<Bytes, byte[]> due = context.getStateStore(DUE);
        var started = new LedgerPartition(
                context,
                new Ledger(resolver, settings.retention(), settings.activity()),
                new LedgerStores(
                        new WriteBackCache<>(entries, LedgerLimits.MAX_CACHED),
                        new DueIndex(due),
                        new LedgerTotalStore(context, settings.readable())),
                new DeltaAggregator(settings.windowSize()),
                new StreamClock(settings.retention().settleAfter(), context::currentSystemTimeMs),
                statistics);
        partition = started;
        CommitHook.register(context, COMMIT, started::flush);
        context.schedule(LedgerLimits.CHECK_INTERVAL, PunctuationType.WALL_CLOCK_TIME, wallMillis -> {
            clusters.checkProgress();
            started.checkDue();
        });
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
            settings.statistics().ledgerTasks.decrementAndGet();
            partition = null;
        }
    }
}
