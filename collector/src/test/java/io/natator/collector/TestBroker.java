package io.natator.collector;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.DnsName;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.broker.KafkaBroker;
import io.natator.schemas.broker.TopicRecords;
import java.util.List;

/** A real Kafka broker that a test can stop and start again. */
final class TestBroker implements AutoCloseable {
    /** A record of the topic {@code connections}. */
    record Received(long key, ConnectionSnapshot value) {}

    private final KafkaBroker broker = new KafkaBroker();

    TestBroker() throws Exception {}

    String bootstrapServers() {
        return broker.bootstrapServers();
    }

    void leave() {
        broker.stop();
    }

    void comeBack() {
        broker.startAgain();
    }

    /** Returns all records of the topic {@code connections}. The records of each partition are in order. */
    List<Received> connections(String prefix) {
        return TopicRecords.read(
                        bootstrapServers(),
                        prefix + "connections",
                        NatatorSerdes.fingerprint().deserializer(),
                        NatatorSerdes.connectionSnapshot().deserializer())
                .stream()
                .map(record -> new Received(record.key(), record.value()))
                .toList();
    }

    /** A record of the topic {@code dns-names}. */
    record Published(String key, DnsName value) {}

    /** Returns all records of the topic {@code dns-names}. */
    List<Published> dnsNames(String prefix) {
        return TopicRecords.read(
                        bootstrapServers(),
                        prefix + "dns-names",
                        NatatorSerdes.dnsNameKey().deserializer(),
                        NatatorSerdes.dnsName().deserializer())
                .stream()
                .map(record -> new Published(record.key(), record.value()))
                .toList();
    }

    @Override
    public void close() throws Exception {
        broker.close();
    }
}
