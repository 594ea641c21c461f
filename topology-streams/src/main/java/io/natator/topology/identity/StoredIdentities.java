package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.AvroSerde;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import io.natator.topology.state.Counter;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** Identities of the global store, decoded on each call. Identities that cannot be decoded are unknown. One thread. */
public final class StoredIdentities implements Identities {
    /** Name of the global store: text keys, encoded values. */
    public static final String STORE = "identities";

    /** Bounds the heap: a decoded identity needs well below 1 KiB. */
    private static final int MAX_DECODED = 5_000;

    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final Counter changes;
    private final Map<String, Optional<SpecificRecord>> decoded = new HashMap<>();
    private long changesAtDecoding;
    private final AvroSerde<SpecificRecord> serde = NatatorSerdes.identity();

    /**
     * Identities in a store.
     *
     * @param store values as they were read from the topic, by the topic's keys; not closed here
     * @param changes counts writes to the store; it is incremented after each write
     */
    public StoredIdentities(ReadOnlyKeyValueStore<String, byte[]> store, Counter changes) {
        this.store = store;
        this.changes = changes;
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

    /**
     * Keeps decoded identities until any identity changes, because naming a connection looks up the same ones several
     * times.
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
            return null; // GlobalStoreProcessor counted it when it was read
        }
    }
}
