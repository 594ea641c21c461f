package io.natator.topology;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.SocketOwner;
import io.natator.topology.export.LinkCollector;
import io.natator.topology.export.LinkReader;
import io.natator.topology.identity.PeerNames;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.state.TopologyStatistics;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is scraped of more links than have series of their own: as committed, and exact. */
class SeriesLimitTest {
    private final TopologyStatistics statistics = new TopologyStatistics();
    private final CommittedStores stores = new CommittedStores();
    private final LinkCollector collector = new LinkCollector(new LinkReader(stores), true);

    @TempDir
    Path stateDirectory = Path.of("");

    private TopologyTestDriver driver;
    private TestInputTopic<Long, ConnectionSnapshot> connections;

    @BeforeEach
    void start() {
        TopologyConfig config = TopologyConfig.builder()
                .stateDirectory(stateDirectory)
                .partitions(1)
                .seriesLimit(2)
                .build();
        var settings = StreamsSettings.streamsConfig(config, statistics);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        driver = new TopologyTestDriver(
                NatatorTopology.build(config, statistics, PeerNames.NONE, stores), settings, START.plusSeconds(2));
        connections = driver.createInputTopic(
                "natator.connections",
                NatatorSerdes.fingerprint().serializer(),
                NatatorSerdes.connectionSnapshot().serializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    private void report(List<String> commands, long bytes) {
        for (String command : commands) {
            connections.pipeInput(
                    (long) command.hashCode(),
                    client(command.hashCode())
                            .setOwner(
                                    SocketOwner.newBuilder().setCommand(command).build())
                            .setRemoteAddress(address("8.8.8.8"))
                            .setBytesAcked(bytes)
                            .build());
        }
        driver.advanceWallClockTime(Duration.ofSeconds(1));
    }

    /** Bytes to the server by client. */
    private Map<String, Double> scraped() {
        Map<String, Double> bytes = new TreeMap<>();
        collector.collect().stream()
                .filter(family -> family.getMetadata().getName().equals("natator_link_bytes"))
                .flatMap(family -> ((CounterSnapshot) family).getDataPoints().stream())
                .filter(point -> "to_server".equals(point.getLabels().get("direction")))
                .forEach((CounterDataPointSnapshot point) -> bytes.merge(
                        Objects.requireNonNull(point.getLabels().get("client_name")), point.getValue(), Double::sum));
        return bytes;
    }

    @Test
    void linksBeyondTheLimitAreOneSumAndOnlyWhatIsCommittedIsTold() {
        // Nothing is committed yet
        report(List.of("first", "second", "third", "fourth"), 10);
        assertThat(scraped()).isEmpty();

        stores.committed();
        assertThat(scraped())
                .containsOnly(Map.entry("first", 10.0), Map.entry("second", 10.0), Map.entry("other", 20.0));

        // A transaction that is running
        report(List.of("first", "third", "fifth"), 15);
        assertThat(scraped())
                .containsOnly(Map.entry("first", 10.0), Map.entry("second", 10.0), Map.entry("other", 20.0));

        stores.committed();
        assertThat(scraped())
                .containsOnly(Map.entry("first", 15.0), Map.entry("second", 10.0), Map.entry("other", 40.0));
    }
}
