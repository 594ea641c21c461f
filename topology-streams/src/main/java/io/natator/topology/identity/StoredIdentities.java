package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.AvroSerde;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IdentityProgress;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import io.natator.schemas.TopicProgress;
import io.natator.topology.statistics.TopologyStatistics;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Reads the identities from the global store. An identity that cannot be decoded is treated as unknown. Must be used by
 * one thread.
 */
public final class StoredIdentities implements Identities {
    /** Name of the global store, which has text keys and encoded values. */
    public static final String STORE = "identities";

    /** Maximum number of decoded identities in memory, at less than 1 KiB each. */
    private static final int MAX_DECODED = 5_000;

    /**
     * Minimum time between two readings of the progress, in milliseconds. The enricher publishes it about twice a second.
     */
    private static final long PROGRESS_INTERVAL_MILLIS = 200;

    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final TopologyStatistics statistics;
    private final LongSupplier wallMillis;
    private final Map<String, Optional<SpecificRecord>> decoded = new HashMap<>();
    private long changesAtDecoding;
    private Instant completeAsOf = Instant.MIN;
    private long progressReadAtMillis;
    private final AvroSerde<SpecificRecord> serde = NatatorSerdes.identity();
    private final StoredPodRanges podRanges;
    private long changesAtRefresh = -1;

    /**
     * Creates a reader of the store.
     *
     * @param store the global store; not closed here
     * @param statistics {@code identityChanges} counts writes of keys that are {@linkplain #caches cached}, and is
     *     incremented after each write; {@code identitiesCompleteAsOf} is set here
     * @param wallMillis the wall clock, in milliseconds since the epoch
     */
    public StoredIdentities(
            ReadOnlyKeyValueStore<String, byte[]> store, TopologyStatistics statistics, LongSupplier wallMillis) {
        this.store = store;
        this.statistics = statistics;
        this.wallMillis = wallMillis;
        podRanges = new StoredPodRanges(store, serde);
    }

    /** The kind of the store: it is on disk, so that the identities of a large cluster do not fill the memory. */
    public static KeyValueBytesStoreSupplier supplier() {
        return Stores.persistentKeyValueStore(STORE);
    }

    /** Whether records with this key are read through the cache. Progress is not: it changes twice a second. */
    public static boolean caches(String key) {
        return !key.startsWith(IdentityKeys.PROGRESS_PREFIX);
    }

    @Override
    public boolean isCompleteAsOf(Instant time) {
        long now = wallMillis.getAsLong();
        if (completeAsOf.isBefore(time) && now - progressReadAtMillis >= PROGRESS_INTERVAL_MILLIS) {
            progressReadAtMillis = now;
            completeAsOf = readProgress();
        }
        return !completeAsOf.isBefore(time);
    }

    @Override
    public void checkProgress() {
        completeAsOf = readProgress();
    }

    @Override
    public boolean canChange() {
        return true;
    }

    /** Reads the progress of all partitions. It is {@link Instant#MIN} until every partition has a progress. */
    private Instant readProgress() {
        var progress = new TopicProgress();
        int partitions = 1;
        for (int i = 0; i < partitions; i++) {
            String key = IdentityKeys.ofProgress(i);
            if (read(key) instanceof IdentityProgress published) {
                progress.add(key, published);
                partitions = Math.max(partitions, published.getPartitions());
            }
        }
        Optional<Instant> complete = progress.completeAsOf();
        complete.ifPresent(time -> statistics.identitiesCompleteAsOf.set(time.toEpochMilli()));
        return complete.orElse(Instant.MIN);
    }

    @Override
    public @Nullable Identity pod(String uid) {
        return find(IdentityKeys.ofPod(uid)) instanceof Identity identity ? identity : null;
    }

    @Override
    public @Nullable Identity node(String name) {
        return find(IdentityKeys.ofNode(name)) instanceof Identity identity ? identity : null;
    }

    @Override
    public @Nullable AddressOwners address(ByteBuffer address) {
        return find(IdentityKeys.ofAddress(IpAddresses.bytes(address))) instanceof AddressOwners owners ? owners : null;
    }

    @Override
    public @Nullable AddressOwners nodePort(Protocol protocol, int port) {
        return find(IdentityKeys.ofNodePort(protocol, port)) instanceof AddressOwners owners ? owners : null;
    }

    @Override
    public boolean isInPodRange(ByteBuffer address) {
        long before = statistics.identityChanges.value();
        if (before != changesAtRefresh) {
            podRanges.refresh();
            changesAtRefresh = before;
        }
        return podRanges.contains(address);
    }

    /**
     * Reads an identity through a cache, because naming a connection reads the same identities several times. The cache
     * is emptied when any identity changes.
     */
    private @Nullable SpecificRecord find(String key) {
        long before = statistics.identityChanges.value();
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

    private @Nullable SpecificRecord read(String key) {
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
