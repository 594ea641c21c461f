package io.natator.topology;

import static io.natator.topology.Snapshots.START;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.topology.link.SeriesLimits;
import io.natator.topology.metrics.LinkMetricsCollector;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.statistics.TopologyStatistics;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;

/** Runs the topology with one partition, and scrapes its metrics. The test advances the clock and commits. */
final class ScrapedTopology implements AutoCloseable {
    private final TopologyStatistics statistics = new TopologyStatistics();
    private final CommittedStores stores = new CommittedStores();
    private final LinkMetricsCollector collector = new LinkMetricsCollector(stores, true);
    private final TopologyTestDriver driver;
    private final TestInputTopic<Long, ConnectionSnapshot> connections;
    private Instant now = START;

    ScrapedTopology(Path stateDirectory, SeriesLimits series) {
        TopologyConfig config = TopologyConfig.fromOptions(
                "--state-dir=" + stateDirectory,
                "--identities=none",
                "--partitions=1",
                "--series-limit=" + series.limit(),
                "--series-prefix-share=" + series.prefixPercent(),
                "--series-prefix-ipv4=" + series.ipv4PrefixLength(),
                "--series-prefix-ipv6=" + series.ipv6PrefixLength());
        driver = TestDrivers.start(config, statistics, stores, START);
        connections = TestDrivers.connections(driver);
    }

    void report(long fingerprint, ConnectionSnapshot snapshot) {
        connections.pipeInput(fingerprint, snapshot);
    }

    void pass(Duration time) {
        now = now.plus(time);
        driver.advanceWallClockTime(time);
    }

    void commit() {
        stores.committed();
    }

    Instant now() {
        return now;
    }

    TopologyStatistics statistics() {
        return statistics;
    }

    /** The value of each series of a metric. The metric must be a counter or a gauge. */
    Map<Labels, Double> scrape(String metric) {
        Map<Labels, Double> series = new HashMap<>();
        for (MetricSnapshot family : collector.collect()) {
            if (family.getMetadata().getName().equals(metric)) {
                family.getDataPoints().forEach(point -> series.put(point.getLabels(), value(point)));
            }
        }
        return series;
    }

    /**
     * The bytes sent to servers, added up by the values of the given labels. A key of the result is these values,
     * joined with blanks.
     */
    Map<String, Double> bytesToServer(String... labels) {
        Map<String, Double> bytes = new HashMap<>();
        scrape("natator_link_bytes").forEach((series, value) -> {
            if ("to_server".equals(series.get("direction"))) {
                List<String> values = List.of(labels).stream()
                        .map(label -> String.valueOf(series.get(label)))
                        .toList();
                bytes.merge(String.join(" ", values), value, Double::sum);
            }
        });
        return bytes;
    }

    private static double value(DataPointSnapshot point) {
        return switch (point) {
            case CounterSnapshot.CounterDataPointSnapshot counter -> counter.getValue();
            case GaugeSnapshot.GaugeDataPointSnapshot gauge -> gauge.getValue();
            default -> throw new AssertionError("neither a counter nor a gauge: " + point);
        };
    }

    @Override
    public void close() {
        driver.close();
    }
}
