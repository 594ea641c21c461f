package io.natator.topology.ledger;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.client;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.AvroSerde;
import io.natator.topology.TopologyConfig;
import io.natator.topology.identity.Clusters;
import io.natator.topology.identity.ExternalNames;
import io.natator.topology.identity.InternalAddresses;
import io.natator.topology.identity.NameLookup;
import io.natator.topology.identity.NamingRules;
import io.natator.topology.identity.ObservedDnsNames;
import io.natator.topology.identity.WorkloadResolver;
import io.natator.topology.link.DeltaAggregator;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.state.StreamClock;
import io.natator.topology.state.WriteBackCache;
import io.natator.topology.statistics.TopologyStatistics;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/** Shows a fault: the memory for ledger entries that are not written to the store yet has no limit. */
class UnwrittenTest {
    private static final int CONNECTIONS = 200_000;

    /**
     * Within one commit interval of a busy partition, many connections are reported by one end only, so they wait for
     * the other end.
     */
    @Test
    @Disabled("The limit is only checked when a delta or an event is forwarded, so waiting entries are not written.")
    void waitingEntriesAreWrittenBeforeThereAreMoreThanTheBound() {
        // Given
        var context = new MockProcessorContext<Bytes, LedgerOutput>();
        KeyValueStore<Long, Entry> entries = store("ledger", Serdes.Long(), new EntrySerde());
        KeyValueStore<Bytes, byte[]> due = store("due", Serdes.Bytes(), Serdes.ByteArray());
        KeyValueStore<String, LedgerTotal> attributed =
                store(LedgerTotalStore.STORE, Serdes.String(), AvroSerde.<LedgerTotal>of(LedgerTotal.getClassSchema()));
        for (StateStore store : List.of(entries, due, attributed)) {
            store.init(context.getStateStoreContext(), store);
            context.addStateStore(store);
        }
        context.setCurrentSystemTimeMs(START.plusSeconds(2).toEpochMilli());
        var rules = new NamingRules(
                true,
                new InternalAddresses(List.of()),
                ExternalNames.NONE,
                NameLookup.NONE,
                Duration.ofHours(24),
                true);
        var ledger = new Ledger(
                new WorkloadResolver(Clusters.NONE, ObservedDnsNames.NONE, rules),
                TopologyConfig.fromOptions().connections().ledger());
        var values = new WriteBackCache<>(entries, LedgerLimits.MAX_CACHED);
        var partition = new LedgerPartition(
                context,
                ledger,
                new LedgerStores(values, new DueIndex(due), new LedgerTotalStore(context, new CommittedStores())),
                new DeltaAggregator(Duration.ofMinutes(1)),
                new StreamClock(Duration.ofSeconds(10), context::currentSystemTimeMs),
                new TopologyStatistics());

        // When
        for (long i = 0; i < CONNECTIONS; i++) {
            partition.onSnapshot(i, client(i).build());
        }

        // Then
        assertThat(values.unwritten()).isLessThanOrEqualTo(LedgerLimits.MAX_UNWRITTEN);
    }

    private static <K, V> KeyValueStore<K, V> store(String name, Serde<K> keys, Serde<V> values) {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), keys, values)
                .withLoggingDisabled()
                .build();
    }
}
