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

    /** Starts a broker. */
    public TestBroker() throws Exception {
        TestKitNodes nodes = new TestKitNodes.Builder()
                .setBootstrapMetadataVersion(MetadataVersion.latestProduction())
                .setCombined(true)
                .setNumBrokerNodes(1)
                .setNumControllerNodes(1)
                .build();
        var builder = new KafkaClusterTestKit.Builder(nodes);
        Map.ofEntries(
                        Map.entry("offsets.topic.replication.factor", "1"),
                        Map.entry("offsets.topic.num.partitions", "1"),
                        Map.entry("transaction.state.log.replication.factor", "1"),
                        Map.entry("transaction.state.log.min.isr", "1"),
                        Map.entry("transaction.state.log.num.partitions", "4"),
                        Map.entry("group.initial.rebalance.delay.ms", "0"),
                        Map.entry("group.min.session.timeout.ms", "1000"),
                        Map.entry("group.streams.initial.rebalance.delay.ms", "0"),
                        Map.entry("group.streams.heartbeat.interval.ms", "500"),
                        Map.entry("group.streams.min.heartbeat.interval.ms", "500"),
                        Map.entry("group.streams.min.session.timeout.ms", "1000"))
                .forEach(builder::setConfigProp);
        cluster = builder.build();
        cluster.format();
        cluster.startup();
        cluster.waitForReadyBrokers();
        // A cluster that Kafka's own tool formats has this feature by default; this one has only explicit features.
        try (Admin admin = admin()) {
            var streamsGroups = new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE);
            admin.updateFeatures(Map.of("streams.version", streamsGroups), new UpdateFeaturesOptions())
                    .all()
                    .get();
        }
    }

    /** The address to which clients connect. */
    public String bootstrapServers() {
        return cluster.bootstrapServers();
    }

    /** An admin client; the caller closes it. */
    public Admin admin() {
        return cluster.admin();
    }

    @Override
    public void close() throws Exception {
        cluster.close();
    }
}
