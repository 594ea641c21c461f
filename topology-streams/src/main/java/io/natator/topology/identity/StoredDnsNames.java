package io.natator.topology.identity;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.DnsName;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.NatatorSerdes;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The DNS names in the global store. A name is decoded on each call. A name that cannot be decoded, or that is no valid
 * host name, is treated as unknown.
 */
public final class StoredDnsNames implements ObservedDnsNames {
    /** Name of the global store, which has text keys and encoded values. */
    public static final String STORE = "dns-names";

    /** Names in this domain belong to internal addresses. Such a name of an external address is wrong or forged. */
    private static final String CLUSTER_DOMAIN = ".cluster.local";

    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final Duration age;
    private final AvroSerde<DnsName> serde = NatatorSerdes.dnsName();

    /**
     * Names in a store.
     *
     * @param store the global store; not closed here
     * @param age maximum time between the DNS answer and the connection
     */
    public StoredDnsNames(ReadOnlyKeyValueStore<String, byte[]> store, Duration age) {
        this.store = store;
        this.age = age;
    }

    @Override
    public @Nullable String name(ByteBuffer address, OpenPeriod period) {
        byte[] value = store.get(IdentityKeys.ofAddress(IpAddresses.bytes(address)));
        if (value == null) {
            return null;
        }
        try {
            DnsName known = serde.decode(value);
            String name = isNear(known, period) ? HostNames.normalized(known.getName()) : null;
            return name == null || name.endsWith(CLUSTER_DOMAIN) ? null : name;
        } catch (SerializationException e) {
            return null; // GlobalStoreProcessor has counted the undecodable value
        }
    }

    private boolean isNear(DnsName known, OpenPeriod period) {
        return !known.getAnsweredAt().isBefore(period.from().minus(age))
                && !known.getAnsweredAt().isAfter(period.until().plus(age));
    }

    @Override
    public boolean isEmpty() {
        return store.approximateNumEntries() == 0;
    }
}
