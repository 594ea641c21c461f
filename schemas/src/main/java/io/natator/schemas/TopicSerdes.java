package io.natator.schemas;

import java.util.Collection;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/**
 * The serdes of the keys and values of every {@link Topic}. Without a schema registry, they write and read Avro
 * single-object encoding. With a registry, they write the Confluent wire format and read both formats. Thread-safe.
 * Need not be closed.
 */
public final class TopicSerdes {
    private final @Nullable SchemaRegistry registry;

    private TopicSerdes(@Nullable SchemaRegistry registry) {
        this.registry = registry;
    }

    /**
     * Creates the serdes.
     *
     * @param registry null for single-object encoding; is not closed by the serdes
     */
    public static TopicSerdes of(@Nullable SchemaRegistry registry) {
        return new TopicSerdes(registry);
    }

    /**
     * Registers the schemas of these topics, or obtains their ids. Retries until the registry answers. Afterwards,
     * writers do not need the registry. Does nothing without a registry.
     *
     * @throws org.apache.kafka.common.errors.SerializationException if the registry refuses
     * @throws org.apache.kafka.common.errors.InterruptException if interrupted
     */
    public void register(String prefix, Collection<Topic> topics) {
        for (Topic topic : topics) {
            switch (topic) {
                case CONNECTIONS -> register(topic.name(prefix), connectionSnapshot());
                case IDENTITIES -> register(topic.name(prefix), identity());
                case DNS_NAMES -> register(topic.name(prefix), dnsName());
                case LINKS -> register(topic.name(prefix), linkKey(), linkTotals());
                case LINK_THROUGHPUT -> register(topic.name(prefix), linkWindowKey(), linkWindow());
                case NETWORK_ACTIVITY, DEAD_LETTERS -> {} // the values of these topics are not Avro
            }
        }
    }

    private static void register(String topic, Serde<?>... serdes) {
        for (Serde<?> serde : serdes) {
            if (serde instanceof RegistrySerde<?> registering) {
                registering.register(topic);
            }
        }
    }

    /** Returns true if the serdes use a registry. */
    public boolean hasRegistry() {
        return registry != null;
    }

    /**
     * Serde of the keys of {@link Topic#CONNECTIONS}: the fingerprint as 8 bytes, big-endian, with or without a
     * registry.
     */
    public Serde<Long> fingerprint() {
        return NatatorSerdes.fingerprint();
    }

    /** Serde of the values of {@link Topic#CONNECTIONS}. */
    public Serde<ConnectionSnapshot> connectionSnapshot() {
        return value(NatatorSerdes.connectionSnapshot());
    }

    /** Serde of the keys of {@link Topic#IDENTITIES}: text, with or without a registry. */
    public Serde<String> identityKey() {
        return NatatorSerdes.identityKey();
    }

    /**
     * Serde of the values of {@link Topic#IDENTITIES}: {@link AddressOwners}, {@link Identity}, {@link PodRanges} or
     * {@link IdentityProgress}.
     */
    public Serde<SpecificRecord> identity() {
        return value(NatatorSerdes.identity());
    }

    /** Serde of the keys of {@link Topic#DNS_NAMES}: text, with or without a registry. */
    public Serde<String> dnsNameKey() {
        return NatatorSerdes.dnsNameKey();
    }

    /** Serde of the values of {@link Topic#DNS_NAMES}. */
    public Serde<DnsName> dnsName() {
        return value(NatatorSerdes.dnsName());
    }

    /** Serde of the keys of {@link Topic#LINKS}. */
    public Serde<LinkKey> linkKey() {
        return key(NatatorSerdes.linkKey());
    }

    /** Serde of the values of {@link Topic#LINKS}. */
    public Serde<LinkTotals> linkTotals() {
        return value(NatatorSerdes.linkTotals());
    }

    /** Serde of the keys of {@link Topic#LINK_THROUGHPUT}. */
    public Serde<LinkWindowKey> linkWindowKey() {
        return key(NatatorSerdes.linkWindowKey());
    }

    /** Serde of the values of {@link Topic#LINK_THROUGHPUT}. */
    public Serde<LinkWindow> linkWindow() {
        return value(NatatorSerdes.linkWindow());
    }

    private <T extends SpecificRecord> Serde<T> key(AvroSerde<T> singleObject) {
        return registry == null ? singleObject : new RegistrySerde<>(singleObject, registry, true);
    }

    private <T extends SpecificRecord> Serde<T> value(AvroSerde<T> singleObject) {
        return registry == null ? singleObject : new RegistrySerde<>(singleObject, registry, false);
    }
}
