package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.AvroSerde;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import io.natator.topology.state.Count;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** Identities of the global store, decoded when asked for. What cannot be decoded is not known. One thread. */
public final class StoredIdentities implements Identities {
    /** Name of the global store: text keys, encoded values. */
    public static final String STORE = "identities";

    /** Bounds the heap of what is remembered, well below 1 KiB each. */
    private static final int MAX_REMEMBERED = 5_000;

    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final Count changes;
    private final Map<String, Optional<SpecificRecord>> remembered = new HashMap<>();
    private long rememberedAt;
    private final AvroSerde<SpecificRecord> serde = NatatorSerdes.identity();

    /**
     * Identities in a store.
     *
     * @param store the topic's values as they were read, by its keys; not closed here
     * @param changes counts what is written to the store, after it has been
     */
    public StoredIdentities(ReadOnlyKeyValueStore<String, byte[]> store, Count changes) {
        this.store = store;
        this.changes = changes;
    }

    @Override
    public @Nullable Identity pod(String uid) {
        return decoded(IdentityKeys.ofPod(uid)) instanceof Identity identity ? identity : null;
    }

    @Override
    public @Nullable Identity node(String name) {
        return decoded(IdentityKeys.ofNode(name)) instanceof Identity identity ? identity : null;
    }

    @Override
    public @Nullable AddressOwners address(ByteBuffer address) {
        byte[] bytes = IpAddresses.bytes(address);
        return decoded(IdentityKeys.ofAddress(bytes)) instanceof AddressOwners owners ? owners : null;
    }

    @Override
    public @Nullable AddressOwners nodePort(Protocol protocol, int port) {
        return decoded(IdentityKeys.ofNodePort(protocol, port)) instanceof AddressOwners owners ? owners : null;
    }

    /** What has been looked up is remembered until any identity changes: a connection asks for the same several times. */
    private @Nullable SpecificRecord decoded(String key) {
        long before = changes.value();
        if (before != rememberedAt || remembered.size() >= MAX_REMEMBERED) {
            remembered.clear();
            rememberedAt = before;
        }
        Optional<SpecificRecord> known = remembered.get(key);
        if (known == null) {
            known = Optional.ofNullable(read(key));
            remembered.put(key, known);
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
            return null; // counted when it arrived
        }
    }
}
