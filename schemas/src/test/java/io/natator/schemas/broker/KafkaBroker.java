package io.natator.schemas.broker;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import kafka.server.BrokerServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;
import org.apache.kafka.server.common.MetadataVersion;

/** A real Kafka broker and its controller in this JVM, for tests. Topics are created by clients only. */
public final class KafkaBroker implements AutoCloseable {
    /** Internal topics of one replica, for there is one broker. */
    private static final Map<String, String> SETTINGS = Map.of(
            "auto.create.topics.enable", "false",
            "offsets.topic.replication.factor", "1",
            "offsets.topic.num.partitions", "1",
            "transaction.state.log.replication.factor", "1",
            "transaction.state.log.min.isr", "1",
            "transaction.state.log.num.partitions", "2",
            "group.initial.rebalance.delay.ms", "0");

    private final KafkaClusterTestKit cluster;

    /** Starts a broker. */
    public KafkaBroker() throws Exception {
        this(Map.of());
    }

    /**
     * Starts a broker.
     *
     * @param settings in addition to the usual ones, or instead of them
     */
    public KafkaBroker(Map<String, String> settings) throws Exception {
        var builder = new KafkaClusterTestKit.Builder(new TestKitNodes.Builder()
                .setBootstrapMetadataVersion(MetadataVersion.latestProduction())
                .setNumBrokerNodes(1)
                .setNumControllerNodes(1)
                .build());
        Map<String, String> all = new HashMap<>(SETTINGS);
        all.putAll(settings);
        all.forEach(builder::setConfigProp);
        cluster = builder.build();
        cluster.format();
        cluster.startup();
        cluster.waitForReadyBrokers();
    }

    /** {@code host:port}. */
    public String bootstrapServers() {
        return cluster.bootstrapServers();
    }

    /** A client; close it. */
    public Admin admin() {
        return cluster.admin();
    }

    /** Stops the broker, whose data stays. */
    public void stop() {
        broker().shutdown();
        broker().awaitShutdown();
    }

    /** Starts the broker again. */
    public void startAgain() {
        broker().startup();
    }

    private BrokerServer broker() {
        return Objects.requireNonNull(cluster.brokers().get(0));
    }

    @Override
    public void close() throws Exception {
        cluster.close();
    }
}
