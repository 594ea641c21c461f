package io.natator.topology.metrics;

import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.RttBuckets;
import io.natator.schemas.Workload;
import io.natator.topology.link.LinkReader.Link;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The metrics {@code natator_link_…}. The region is not a label, so links that differ only in the region are added up.
 * Create a new object for each scrape.
 */
final class LinkMetricFamilies {
    private static final String[] LABELS = {
        "client_name", "client_namespace", "client_kind", "client_zone", "client_cluster",
        "server_name", "server_namespace", "server_kind", "server_zone", "server_cluster",
        "server_port", "protocol", "via", "partition"
    };
    private static final String OTHER = "other";
    private static final double MICROS = 1e6;

    private final Map<List<String>, Sum> sums = new LinkedHashMap<>();

    /** The sum of all links whose series have the same labels. */
    private static final class Sum {
        private long bytesToServer;
        private long bytesToClient;
        private long opened;
        private long failed;
        private long retransmits;
        private long rttSumMicros;
        private final long[] rttBuckets = new long[RttBuckets.COUNT];
        private final Map<String, Long> failures = new TreeMap<>();

        void add(LinkTotals totals) {
            bytesToServer += totals.getBytesToServer();
            bytesToClient += totals.getBytesToClient();
            opened += totals.getConnectionsOpened();
            failed += totals.getConnectionsFailed();
            retransmits += totals.getRetransmits();
            rttSumMicros += totals.getRttSumMicros();
            List<Long> buckets = totals.getRttBuckets();
            for (int i = 0; i < buckets.size(); i++) {
                rttBuckets[i] += buckets.get(i);
            }
            totals.getFailures().forEach((reason, count) -> failures.merge(reason, count, Long::sum));
        }
    }

    void add(Link link) {
        add(labels(link.key()), link.totals());
    }

    /**
     * Adds the sum of the links that share the series of an address prefix. In addition to the labels of a link, the
     * series has the label {@code partition}, because each partition has its own sum, as in {@link #addOther}.
     */
    void addPrefix(int partition, Link prefix) {
        List<String> labels = new ArrayList<>(labels(prefix.key()));
        labels.add(Integer.toString(partition));
        add(labels, prefix.totals());
    }

    private static List<String> labels(LinkKey key) {
        Workload client = key.getClient();
        Workload server = key.getServer();
        return List.of(
                client.getName(),
                client.getNamespace(),
                client.getKind(),
                client.getZone(),
                client.getCluster(),
                server.getName(),
                server.getNamespace(),
                server.getKind(),
                server.getZone(),
                server.getCluster(),
                Integer.toString(key.getServerPort()),
                key.getProtocol().name(),
                key.getVia());
    }

    /**
     * Adds the sum of all links of a partition that have neither their own series nor that of an address prefix. Each
     * partition has its own series of this sum. When a partition moves to another instance, its series moves as a
     * whole, so no counter decreases.
     */
    void addOther(int partition, LinkTotals totals) {
        add(
                List.of(
                        OTHER,
                        "partition-" + partition,
                        OTHER,
                        "",
                        "",
                        OTHER,
                        "partition-" + partition,
                        OTHER,
                        "",
                        "",
                        "",
                        "",
                        ""),
                totals);
    }

    private void add(List<String> labels, LinkTotals totals) {
        sums.computeIfAbsent(labels, absent -> new Sum()).add(totals);
    }

    /** Payload bytes of all links, in both directions. */
    long bytes() {
        return sums.values().stream()
                .mapToLong(sum -> sum.bytesToServer + sum.bytesToClient)
                .sum();
    }

    /** The number of connections of all links that were opened or failed. */
    long connections() {
        return sums.values().stream().mapToLong(sum -> sum.opened + sum.failed).sum();
    }

    List<MetricSnapshot> snapshots() {
        var bytes = counter("natator_link_bytes", "Payload bytes of a link.");
        var connections = counter("natator_link_connections", "Connections established.");
        var failures = counter(
                "natator_link_failures",
                "Connections that were never established, or that ended by a reset, a timeout or another error, by"
                        + " reason.");
        var retransmits = counter("natator_link_retransmits", "Segments retransmitted, in both directions.");
        var rtt = HistogramSnapshot.builder()
                .name("natator_link_rtt_seconds")
                .help("Smoothed round-trip times, one sample for each report of a connection.");
        sums.forEach((values, sum) -> {
            Labels labels = Labels.of(Arrays.copyOf(LABELS, values.size()), values.toArray(String[]::new));
            bytes.dataPoint(point(sum.bytesToServer, labels.add("direction", "to_server")));
            bytes.dataPoint(point(sum.bytesToClient, labels.add("direction", "to_client")));
            connections.dataPoint(point(sum.opened, labels));
            retransmits.dataPoint(point(sum.retransmits, labels));
            sum.failures.forEach((reason, count) -> failures.dataPoint(point(count, labels.add("reason", reason))));
            if (Arrays.stream(sum.rttBuckets).anyMatch(count -> count > 0)) {
                rtt.dataPoint(new HistogramDataPointSnapshot(
                        ClassicHistogramBuckets.of(BOUNDS_SECONDS, sum.rttBuckets),
                        sum.rttSumMicros / MICROS,
                        labels,
                        io.prometheus.metrics.model.snapshots.Exemplars.EMPTY,
                        0L));
            }
        });
        return List.of(bytes.build(), connections.build(), failures.build(), retransmits.build(), rtt.build());
    }

    private static final double[] BOUNDS_SECONDS = boundsSeconds();

    private static double[] boundsSeconds() {
        double[] bounds = new double[RttBuckets.COUNT];
        for (int i = 0; i < RttBuckets.UPPER_BOUNDS_MICROS.size(); i++) {
            bounds[i] = RttBuckets.UPPER_BOUNDS_MICROS.get(i) / MICROS;
        }
        bounds[RttBuckets.COUNT - 1] = Double.POSITIVE_INFINITY;
        return bounds;
    }

    private static CounterSnapshot.Builder counter(String name, String help) {
        return CounterSnapshot.builder().name(name).help(help);
    }

    private static CounterDataPointSnapshot point(long value, Labels labels) {
        return new CounterDataPointSnapshot(value, labels, null, 0L);
    }
}
