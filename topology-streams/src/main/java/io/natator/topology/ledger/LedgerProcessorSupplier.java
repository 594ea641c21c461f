package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.state.CommitHook;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import java.time.Duration;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Creates the ledger as an operator of the topology. Its input records are snapshots, with the fingerprint as key. Its
 * output records are deltas and activity events, with the encoded link key as key. The operator needs the global stores
 * of identities and DNS names. It throws {@link RefusedSnapshotException} for a snapshot that {@link SnapshotCheck}
 * refuses.
 *
 * @param activity rules for activity events; null if none are published
 * @param windowSize length of a window; the growth of a link within one window is added up before it is forwarded
 * @param readable makes the sum of all growth that the partition has attributed to links readable for other threads
 */
public record LedgerProcessorSupplier(
        LedgerRetention retention,
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
                CommitHook.builder(LedgerProcessor.COMMIT),
                Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(LedgerProcessor.LEDGER), Serdes.Long(), new EntrySerde()),
                Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(LedgerProcessor.DUE), Serdes.Bytes(), Serdes.ByteArray()),
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(LedgerTotalStore.STORE),
                        Serdes.String(),
                        AvroSerde.<LedgerTotal>of(LedgerTotal.getClassSchema())));
    }
}
