package io.natator.topology;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.IdentityProgress;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.identity.NameLookup;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;

/** Runs the topology in a {@link TopologyTestDriver}, without a broker. */
final class TestDrivers {
    private static final Instant COMPLETE_AS_OF = Instant.parse("2099-01-01T00:00:00Z");

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

    /** Publishes that the identities are complete, now and for the whole test. */
    static void completeIdentities(TopologyTestDriver driver) {
        driver.createInputTopic(
                        "natator.identities",
                        NatatorSerdes.identityKey().serializer(),
                        NatatorSerdes.identity().serializer())
                .pipeInput(IdentityKeys.ofProgress(0), new IdentityProgress(COMPLETE_AS_OF, 1));
    }

    /** The input topic of connection snapshots, whose keys are fingerprints. */
    static TestInputTopic<Long, ConnectionSnapshot> connections(TopologyTestDriver driver) {
        return driver.createInputTopic(
                "natator.connections",
                NatatorSerdes.fingerprint().serializer(),
                NatatorSerdes.connectionSnapshot().serializer());
    }

    /** The input topic of identities. */
    static TestInputTopic<String, SpecificRecord> identities(TopologyTestDriver driver) {
        return driver.createInputTopic(
                "natator.identities",
                NatatorSerdes.identityKey().serializer(),
                NatatorSerdes.identity().serializer());
    }

    /** The output topic of the links' totals. */
    static TestOutputTopic<LinkKey, LinkTotals> links(TopologyTestDriver driver) {
        return driver.createOutputTopic(
                "natator.links",
                NatatorSerdes.linkKey().deserializer(),
                NatatorSerdes.linkTotals().deserializer());
    }

    /** Advances the wall clock in steps of a second, so that everything that is due in between happens. */
    static void pass(TopologyTestDriver driver, int seconds) {
        for (int i = 0; i < seconds; i++) {
            driver.advanceWallClockTime(Duration.ofSeconds(1));
        }
    }
}
