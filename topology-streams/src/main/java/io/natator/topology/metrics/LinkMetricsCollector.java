package io.natator.topology.metrics;

import io.natator.schemas.LinkTotals;
import io.natator.topology.ledger.LedgerTotal;
import io.natator.topology.ledger.LedgerTotalStore;
import io.natator.topology.link.LinkReader;
import io.natator.topology.link.LinkReader.Link;
import io.natator.topology.link.LinkReader.PartitionSeries;
import io.natator.topology.state.CommittedStore;
import io.natator.topology.state.CommittedStores;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Collects all series that come from the stores at each scrape: links, the same links as Caretta exports them, and both
 * sides of the invariant that the sum over all links equals what the ledger attributed.
 */
public final class LinkMetricsCollector implements MultiCollector {
    private final CommittedStores stores;
    private final LinkReader reader;
    private final boolean carettaMetrics;

    /**
     * A collector.
     *
     * @param stores the committed stores of this instance
     * @param carettaMetrics whether Caretta's metrics are exported too
     */
    public LinkMetricsCollector(CommittedStores stores, boolean carettaMetrics) {
        this.stores = stores;
        reader = new LinkReader(stores);
        this.carettaMetrics = carettaMetrics;
    }

    @Override
    public MetricSnapshots collect() {
        // The ledger is read first: its growth reaches the links later, so links may have more than the ledger had,
        // never less.
        List<LedgerTotal> attributed = attributed();
        var links = new LinkMetricFamilies();
        var caretta = new CarettaMetricFamilies();
        List<LinkTotals> retired = new ArrayList<>();
        int own = 0;
        int prefixes = 0;
        for (PartitionSeries partition : reader.series()) {
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

    private List<LedgerTotal> attributed() {
        List<Optional<LedgerTotal>> totals = stores.readEach(
                LedgerTotalStore.STORE,
                (Integer number, CommittedStore<String, LedgerTotal> store) ->
                        Optional.ofNullable(store.committed(LedgerTotalStore.KEY)));
        return totals.stream().flatMap(Optional::stream).toList();
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
                        "Payload bytes that the ledger attributed (side=ledger), and their sum over all links, retired ones"
                                + " included (side=links). Over all instances both are equal when no delta is in transit.",
                        bytes,
                        linkBytes),
                pair(
                        "natator_topology_attributed_connections",
                        "Connections opened or failed that the ledger attributed (side=ledger), and their sum over all links"
                                + " (side=links).",
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
