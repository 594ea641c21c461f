package io.natator.topology;

import io.natator.schemas.broker.KafkaBroker;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;

/** A real Kafka broker in this JVM. */
public final class TestBroker implements AutoCloseable {
    private final KafkaBroker broker = new KafkaBroker(Map.of(
            "auto.create.topics.enable", "true",
            "transaction.state.log.num.partitions", "4",
            "group.min.session.timeout.ms", "1000",
            "group.streams.initial.rebalance.delay.ms", "0",
            "group.streams.heartbeat.interval.ms", "500",
            "group.streams.min.heartbeat.interval.ms", "500",
            "group.streams.min.session.timeout.ms", "1000"));

    public TestBroker() throws Exception {
        // Needed for the streams group protocol. Kafka's own tool enables this feature in a new cluster; in this broker
        // it must be enabled explicitly.
        try (Admin admin = admin()) {
            var streamsGroups = new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE);
            admin.updateFeatures(Map.of("streams.version", streamsGroups), new UpdateFeaturesOptions())
                    .all()
                    .get();
        }
    }

    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** Creates an admin client. The caller must close it. */
    public Admin admin() {
        return broker.admin();
    }

    @Override
    public void close() throws Exception {
        broker.close();
    }
}
