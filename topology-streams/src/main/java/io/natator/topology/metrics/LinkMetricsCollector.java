package io.natator.topology.metrics;

import io.natator.schemas.LinkTotals;
import io.natator.topology.ledger.LedgerTotal;
import io.natator.topology.metrics.LinkReader.Link;
import io.natator.topology.metrics.LinkReader.PartitionSeries;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;

/**
 * All series that come from the stores, read at scrape time: links, Caretta's view of them, and the invariant's two
 * sides.
 */
public final class LinkMetricsCollector implements MultiCollector {
    private final LinkReader reader;
    private final boolean carettaMetrics;

    /**
     * A collector.
     *
     * @param carettaMetrics whether Caretta's metrics are told too
     */
    public LinkMetricsCollector(LinkReader reader, boolean carettaMetrics) {
        this.reader = reader;
        this.carettaMetrics = carettaMetrics;
    }

    @Override
    public MetricSnapshots collect() {
        // The ledger first: what it has handed on by now may be in the links already, never the other way round.
        List<LedgerTotal> attributed = reader.attributed();
        var links = new LinkMetricFamilies();
        var caretta = new CarettaMetricFamilies();
        List<LinkTotals> retired = new ArrayList<>();
        int own = 0;
        int prefixes = 0;
        for (PartitionSeries partition : reader.partitions()) {
            for (Link link : partition.links()) {
                links.add(link);
                caretta.add(link);
            }
            for (Link prefix : partition.prefixes()) {
                links.addPrefix(partition.number(), prefix);
                caretta.addPrefix(partition.number(), prefix);
            }
            own += partition.links().size();
            prefixes += partition.prefixes().size();
            if (partition.other() != null) {
                links.addOther(partition.number(), partition.other());
            }
            if (partition.retired() != null) {
                retired.add(partition.retired());
            }
        }
        List<MetricSnapshot> snapshots = new ArrayList<>(links.snapshots());
        if (carettaMetrics) {
            snapshots.addAll(caretta.snapshots());
        }
        snapshots.add(series(own, prefixes));
        snapshots.addAll(invariant(attributed, links, retired));
        return new MetricSnapshots(snapshots);
    }

    private static MetricSnapshot series(int own, int prefixes) {
        return GaugeSnapshot.builder()
                .name("natator_topology_link_series")
                .help("Links and address prefixes that have series of their own; together at most the series limit.")
                .dataPoint(new GaugeDataPointSnapshot(own, Labels.of("of", "link"), null))
                .dataPoint(new GaugeDataPointSnapshot(prefixes, Labels.of("of", "prefix"), null))
                .build();
    }

    private static List<MetricSnapshot> invariant(
            List<LedgerTotal> attributed, LinkMetricFamilies links, List<LinkTotals> retired) {
        long bytes = 0;
        long connections = 0;
        for (LedgerTotal partition : attributed) {
            bytes += partition.getBytesToServer() + partition.getBytesToClient();
            connections += partition.getConnectionsOpened() + partition.getConnectionsFailed();
        }
        long linkBytes = links.bytes();
        long linkConnections = links.connections();
        for (LinkTotals sum : retired) {
            linkBytes += sum.getBytesToServer() + sum.getBytesToClient();
            linkConnections += sum.getConnectionsOpened() + sum.getConnectionsFailed();
        }
        return List.of(
                pair(
                        "natator_topology_attributed_bytes",
                        "Payload bytes handed on by the ledger, and found in all links, retired ones included. Equal, over all instances,"
                                + " whenever nothing is on its way between the two.",
                        bytes,
                        linkBytes),
                pair(
                        "natator_topology_attributed_connections",
                        "Connections opened or failed, handed on by the ledger and found in all links.",
                        connections,
                        linkConnections));
    }

    private static GaugeSnapshot pair(String name, String help, long ledger, long links) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(new GaugeDataPointSnapshot(ledger, Labels.of("side", "ledger"), null))
                .dataPoint(new GaugeDataPointSnapshot(links, Labels.of("side", "links"), null))
                .build();
    }
}
