package io.natator.schemas;

import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** The serdes of the keys and values of every {@link Topic}. They are thread-safe and need not be closed. */
public final class NatatorSerdes {
    private NatatorSerdes() {}

    /** Serde of the keys of {@link Topic#CONNECTIONS}: the fingerprint as 8 bytes, big-endian. */
    public static Serde<Long> fingerprint() {
        return Serdes.Long();
    }

    /** Serde of the values of {@link Topic#CONNECTIONS}. */
    public static AvroSerde<ConnectionSnapshot> connectionSnapshot() {
        return AvroSerde.of(ConnectionSnapshot.getClassSchema());
    }

    /** Serde of the keys of {@link Topic#IDENTITIES}: text, see {@link IdentityKeys}. */
    public static Serde<String> identityKey() {
        return Serdes.String();
    }

    /**
     * Serde of the values of {@link Topic#IDENTITIES}: {@link AddressOwners}, {@link Identity}, {@link PodRanges} or
     * {@link IdentityProgress}.
     */
    public static AvroSerde<SpecificRecord> identity() {
        return AvroSerde.ofAny(
                AddressOwners.getClassSchema(),
                Identity.getClassSchema(),
                IdentityProgress.getClassSchema(),
                PodRanges.getClassSchema());
    }

    /** Serde of the keys of {@link Topic#DNS_NAMES}: text, see {@link IdentityKeys#ofAddress}. */
    public static Serde<String> dnsNameKey() {
        return Serdes.String();
    }

    /** Serde of the values of {@link Topic#DNS_NAMES}. */
    public static AvroSerde<DnsName> dnsName() {
        return AvroSerde.of(DnsName.getClassSchema());
    }

    /** Serde of the keys of {@link Topic#LINKS}. */
    public static AvroSerde<LinkKey> linkKey() {
        return AvroSerde.of(LinkKey.getClassSchema());
    }

    /** Serde of the values of {@link Topic#LINKS}. */
    public static AvroSerde<LinkTotals> linkTotals() {
        return AvroSerde.of(LinkTotals.getClassSchema());
    }

    /** Serde of the keys of {@link Topic#LINK_THROUGHPUT}. */
    public static AvroSerde<LinkWindowKey> linkWindowKey() {
        return AvroSerde.of(LinkWindowKey.getClassSchema());
    }

    /** Serde of the values of {@link Topic#LINK_THROUGHPUT}. */
    public static AvroSerde<LinkWindow> linkWindow() {
        return AvroSerde.of(LinkWindow.getClassSchema());
    }
}
