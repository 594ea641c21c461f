package io.natator.topology.identity;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.DnsName;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.identity.WorkloadResolver.Span;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** Names of the global store, decoded when asked for. What cannot be decoded, or is no name, is not known. */
public final class StoredDnsNames implements AskedNames {
    /** Name of the global store: text keys, encoded values. */
    public static final String STORE = "dns-names";

    /** Names in there are the cluster's own: outside of it they are a mistake or a lie. */
    private static final String CLUSTER_DOMAIN = ".cluster.local";

    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final Duration age;
    private final AvroSerde<DnsName> serde = NatatorSerdes.dnsName();

    /**
     * Names in a store.
     *
     * @param store the topic's values as they were read, by its keys; not closed here
     * @param age how far from the connection's time an answer may be
     */
    public StoredDnsNames(ReadOnlyKeyValueStore<String, byte[]> store, Duration age) {
        this.store = store;
        this.age = age;
    }

    @Override
    public @Nullable String name(ByteBuffer address, Span span) {
        byte[] bytes = IpAddresses.bytes(address);
        byte[] value = store.get(IdentityKeys.ofAddress(bytes));
        if (value == null) {
            return null;
        }
        try {
            DnsName known = serde.decode(value);
            boolean isFar = known.getAnsweredAt().isBefore(span.from().minus(age))
                    || known.getAnsweredAt().isAfter(span.until().plus(age));
            String name = isFar ? null : HostNames.normalized(known.getName());
            return name == null || name.endsWith(CLUSTER_DOMAIN) ? null : name;
        } catch (SerializationException e) {
            return null; // counted when it arrived
        }
    }

    @Override
    public boolean isEmpty() {
        return store.approximateNumEntries() == 0;
    }
}
