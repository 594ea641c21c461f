package io.natator.topology.identity;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.AvroSerde;
import io.natator.schemas.Identity;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import java.nio.ByteBuffer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** Identities of the global store, decoded when asked for. What cannot be decoded is not known. */
public final class StoredIdentities implements Identities {
    /** Name of the global store: text keys, encoded values. */
    public static final String STORE = "identities";

    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final AvroSerde<SpecificRecord> serde = NatatorSerdes.identity();

    /**
     * Identities in a store.
     *
     * @param store the topic's values as they were read, by its keys; not closed here
     */
    public StoredIdentities(ReadOnlyKeyValueStore<String, byte[]> store) {
        this.store = store;
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
        byte[] bytes = new byte[address.remaining()];
        address.get(address.position(), bytes);
        return decoded(IdentityKeys.ofAddress(bytes)) instanceof AddressOwners owners ? owners : null;
    }

    @Override
    public @Nullable AddressOwners nodePort(Protocol protocol, int port) {
        return decoded(IdentityKeys.ofNodePort(protocol, port)) instanceof AddressOwners owners ? owners : null;
    }

    private @Nullable SpecificRecord decoded(String key) {
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
