package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.AvroSerde;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import io.natator.topology.statistics.Counter;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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

    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final Counter changes;
    private final Map<String, Optional<SpecificRecord>> decoded = new HashMap<>();
    private long changesAtDecoding;
    private final AvroSerde<SpecificRecord> serde = NatatorSerdes.identity();
    private final StoredPodRanges podRanges;
    private long changesAtRefresh = -1;

    /**
     * Creates a reader of the store.
     *
     * @param store the global store; not closed here
     * @param changes counts writes of keys that are {@linkplain #caches cached}; incremented after each write
     */
    public StoredIdentities(ReadOnlyKeyValueStore<String, byte[]> store, Counter changes) {
        this.store = store;
        this.changes = changes;
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
        long before = changes.value();
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
        long before = changes.value();
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
