package io.natator.topology.identity;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.ClusterName;
import io.natator.schemas.DnsName;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.NatatorSerdes;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Reads the observed DNS names from the global store. Each call decodes a record. A name that cannot be decoded, or
 * that {@link DnsNameRules} do not permit, is treated as unknown.
 */
public final class StoredDnsNames implements ObservedDnsNames {
    /** Name of the global store, which has text keys and encoded values. */
    public static final String STORE = "dns-names";

    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final DnsNameRules rules;
    private final AvroSerde<DnsName> serde = NatatorSerdes.dnsName();

    /**
     * Creates a reader of the store.
     *
     * @param store the global store; not closed here
     * @param age maximum time between the DNS answer and the connection
     */
    public StoredDnsNames(ReadOnlyKeyValueStore<String, byte[]> store, Duration age) {
        this.store = store;
        rules = new DnsNameRules(age);
    }

    /**
     * The kind of the store: it is in memory and has a maximum number of names. A state store does not expire old
     * records, so above the limit it evicts the least recently used names.
     *
     * @param limit maximum number of names
     */
    public static KeyValueBytesStoreSupplier supplier(int limit) {
        return Stores.lruMap(STORE, limit);
    }

    @Override
    public @Nullable String name(String cluster, ByteBuffer address, OpenPeriod period) {
        String key = IdentityKeys.ofAddress(IpAddresses.bytes(address));
        byte[] value = store.get(new ClusterName(cluster).key(key));
        if (value == null) {
            return null;
        }
        try {
            return rules.usable(serde.decode(value), period);
        } catch (SerializationException e) {
            return null; // GlobalStoreProcessor has already counted and logged this value
        }
    }

    @Override
    public boolean isEmpty() {
        return store.approximateNumEntries() == 0;
    }
}
