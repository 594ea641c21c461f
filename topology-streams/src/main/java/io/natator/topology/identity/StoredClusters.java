package io.natator.topology.identity;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.ClusterName;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.statistics.TopologyStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Reads the identities of all clusters from the global store. An identity that cannot be decoded is treated as unknown.
 * Must be used by one thread.
 */
public final class StoredClusters implements Clusters {
    /** Maximum number of decoded identities in memory, at less than 1 KiB each. */
    private static final int MAX_DECODED = 5_000;

    /** Maximum number of clusters whose progress is stored. Above it, the progress is read whenever it is needed. */
    private static final int MAX_CLUSTERS = 1_000;

    /** Time without a connection after which the progress of a cluster is no longer read. */
    private static final Duration UNUSED = Duration.ofMinutes(10);

    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final TopologyStatistics statistics;
    private final LongSupplier wallMillis;
    private final AvroSerde<SpecificRecord> serde = NatatorSerdes.identity();
    private final Map<String, StoredIdentities> clusters = new HashMap<>();
    private final Map<String, Optional<SpecificRecord>> decoded = new HashMap<>();
    private long changesAtDecoding;

    /**
     * Creates a reader of the store.
     *
     * @param store the global store; not closed here
     * @param statistics {@code identityChanges} counts writes of keys that are {@linkplain StoredIdentities#caches
     *     cached}, and is incremented after each write; {@code completeness} is set here
     * @param wallMillis the wall clock, in milliseconds since the epoch
     */
    public StoredClusters(
            ReadOnlyKeyValueStore<String, byte[]> store, TopologyStatistics statistics, LongSupplier wallMillis) {
        this.store = store;
        this.statistics = statistics;
        this.wallMillis = wallMillis;
    }

    @Override
    public Identities identitiesOf(String cluster) {
        StoredIdentities known = clusters.get(cluster);
        if (known == null) {
            known = new StoredIdentities(new ClusterName(cluster), this);
            if (clusters.size() < MAX_CLUSTERS) {
                clusters.put(cluster, known);
            }
        }
        known.markUsed(nowMillis());
        return known;
    }

    @Override
    public void checkProgress() {
        long now = nowMillis();
        for (var each = clusters.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<String, StoredIdentities> cluster = each.next();
            if (now - cluster.getValue().usedAtMillis() > UNUSED.toMillis()) {
                each.remove();
                statistics.completeness.remove(cluster.getKey());
            } else {
                Instant complete = cluster.getValue().readProgress();
                long millis = complete.equals(Instant.MIN) ? 0 : complete.toEpochMilli();
                statistics.completeness.set(cluster.getKey(), millis);
            }
        }
    }

    long nowMillis() {
        return wallMillis.getAsLong();
    }

    /** How often identities have changed since the start. */
    long changes() {
        return statistics.identityChanges.value();
    }

    /**
     * Reads an identity through a cache, because naming a connection reads the same identities several times. The cache
     * is emptied when any identity changes.
     */
    @Nullable
    SpecificRecord find(String key) {
        long before = changes();
        if (before != changesAtDecoding || decoded.size() >= MAX_DECODED) {
            decoded.clear();
            changesAtDecoding = before;
        }
        Optional<SpecificRecord> known = decoded.get(key);
        if (known == null) {
            known = Optional.ofNullable(read(key));
            decoded.put(key, known);
        }
        return known.orElse(null);
    }

    /** Reads a record from the store; null if there is none, or if it cannot be decoded. */
    @Nullable
    SpecificRecord read(String key) {
        byte[] value = store.get(key);
        if (value == null) {
            return null;
        }
        try {
            return serde.decode(value);
        } catch (SerializationException e) {
            return null; // GlobalStoreProcessor has already counted and logged this value
        }
    }
}
