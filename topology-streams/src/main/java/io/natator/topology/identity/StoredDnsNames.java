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
 * DNS names of the global store, decoded on each call. Names that cannot be decoded, or are no host names, are unknown.
 */
public final class StoredDnsNames implements ObservedDnsNames {
    /** Name of the global store: text keys, encoded values. */
    public static final String STORE = "dns-names";

    /** Names of the cluster's own domain belong to internal addresses: for an external one they are wrong or forged. */
    private static final String CLUSTER_DOMAIN = ".cluster.local";

    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final Duration age;
    private final AvroSerde<DnsName> serde = NatatorSerdes.dnsName();

    /**
     * Names in a store.
     *
     * @param store values as they were read from the topic, by the topic's keys; not closed here
     * @param age how far the DNS answer and the connection may be apart
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
            return null; // GlobalStoreProcessor counted it when it was read
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
