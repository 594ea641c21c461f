package io.natator.schemas.broker;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import kafka.server.BrokerServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;
import org.apache.kafka.server.common.MetadataVersion;

/** A real Kafka broker and its controller in this JVM, for tests. Topics are not created automatically. */
public final class KafkaBroker implements AutoCloseable {
    /** Internal topics have one replica, because there is one broker. */
    private static final Map<String, String> SETTINGS = Map.of(
            "auto.create.topics.enable", "false",
            "offsets.topic.replication.factor", "1",
            "offsets.topic.num.partitions", "1",
            "transaction.state.log.replication.factor", "1",
            "transaction.state.log.min.isr", "1",
            "transaction.state.log.num.partitions", "2",
            "group.initial.rebalance.delay.ms", "0");

    private final KafkaClusterTestKit cluster;

    public KafkaBroker() throws Exception {
        this(Map.of());
    }

    /**
     * Starts a broker.
     *
     * @param settings broker properties, which override the defaults of this class
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

    /** The broker's address as {@code host:port}. */
    public String bootstrapServers() {
        return cluster.bootstrapServers();
    }

    /** Creates an admin client, which the caller closes. */
    public Admin admin() {
        return cluster.admin();
    }

    /** Stops the broker. Its data stays for {@link #startAgain}. */
    public void stop() {
        broker().shutdown();
        broker().awaitShutdown();
    }

    /** Starts the broker after {@link #stop}, with its previous data. */
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
