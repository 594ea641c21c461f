package io.natator.topology;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.identity.NameLookup;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import java.time.Instant;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;

/** Runs the topology in a {@link TopologyTestDriver}, without a broker. */
final class TestDrivers {
    private TestDrivers() {}

    /** Starts a driver. The caller must close it. */
    static TopologyTestDriver start(
            TopologyConfig config, TopologyStatistics statistics, CommittedStores stores, Instant wallClock) {
        var settings = StreamsSettings.streamsConfig(config, statistics);
        // Not exactly once, because the driver does not simulate transactions across restarts.
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        return new TopologyTestDriver(
                NatatorTopology.build(config, statistics, NameLookup.NONE, stores), settings, wallClock);
    }

    /** The input topic of connection snapshots, whose keys are fingerprints. */
    static TestInputTopic<Long, ConnectionSnapshot> connections(TopologyTestDriver driver) {
        return driver.createInputTopic(
                "natator.connections",
                NatatorSerdes.fingerprint().serializer(),
                NatatorSerdes.connectionSnapshot().serializer());
    }
}
