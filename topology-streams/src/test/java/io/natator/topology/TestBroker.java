package io.natator.topology;

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;
import org.apache.kafka.server.common.MetadataVersion;

/** A real Kafka broker in this JVM. */
public final class TestBroker implements AutoCloseable {
    private final KafkaClusterTestKit cluster;

    /** Starts it. */
    public TestBroker() throws Exception {
        TestKitNodes nodes = new TestKitNodes.Builder()
                .setBootstrapMetadataVersion(MetadataVersion.latestProduction())
                .setCombined(true)
                .setNumBrokerNodes(1)
                .setNumControllerNodes(1)
                .build();
        var builder = new KafkaClusterTestKit.Builder(nodes);
        Map.of(
                        "offsets.topic.replication.factor", "1",
                        "offsets.topic.num.partitions", "1",
                        "transaction.state.log.replication.factor", "1",
                        "transaction.state.log.min.isr", "1",
                        "transaction.state.log.num.partitions", "4",
                        "group.initial.rebalance.delay.ms", "0",
                        "group.min.session.timeout.ms", "1000",
                        "group.streams.initial.rebalance.delay.ms", "0",
                        "group.streams.heartbeat.interval.ms", "500",
                        "group.streams.min.heartbeat.interval.ms", "500")
                .forEach(builder::setConfigProp);
        cluster = builder.build();
        cluster.format();
        cluster.startup();
        cluster.waitForReadyBrokers();
        // A cluster formatted by Kafka's own tool has it on; this one has only what is asked for.
        try (Admin admin = admin()) {
            var streamsGroups = new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE);
            admin.updateFeatures(Map.of("streams.version", streamsGroups), new UpdateFeaturesOptions())
                    .all()
                    .get();
        }
    }

    /** Where clients connect. */
    public String bootstrapServers() {
        return cluster.bootstrapServers();
    }

    /** A client, to be closed. */
    public Admin admin() {
        return cluster.admin();
    }

    @Override
    public void close() throws Exception {
        cluster.close();
    }
}
