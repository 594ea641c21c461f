package io.natator.topology.identity;

import io.natator.schemas.AvroSerde;
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
 * The DNS names in the global store. A name is decoded on each call. A name that cannot be decoded, or that
 * {@link DnsNameRules} do not permit, is treated as unknown.
 */
public final class StoredDnsNames implements ObservedDnsNames {
    /** Name of the global store, which has text keys and encoded values. */
    public static final String STORE = "dns-names";

    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final DnsNameRules rules;
    private final AvroSerde<DnsName> serde = NatatorSerdes.dnsName();

    /**
     * Names in a store.
     *
     * @param store the global store; not closed here
     * @param age maximum time between the DNS answer and the connection
     */
    public StoredDnsNames(ReadOnlyKeyValueStore<String, byte[]> store, Duration age) {
        this.store = store;
        rules = new DnsNameRules(age);
    }

    /**
     * The kind of the store: in memory, up to a number of names. State stores do not expire records, so the least
     * recently used names are evicted above the limit.
     *
     * @param limit maximum number of names
     */
    public static KeyValueBytesStoreSupplier supplier(int limit) {
        return Stores.lruMap(STORE, limit);
    }

    @Override
    public @Nullable String name(ByteBuffer address, OpenPeriod period) {
        byte[] value = store.get(IdentityKeys.ofAddress(IpAddresses.bytes(address)));
        if (value == null) {
            return null;
        }
        try {
            return rules.usable(serde.decode(value), period);
        } catch (SerializationException e) {
            return null; // GlobalStoreProcessor has counted the undecodable value
        }
    }

    @Override
    public boolean isEmpty() {
        return store.approximateNumEntries() == 0;
    }
}
