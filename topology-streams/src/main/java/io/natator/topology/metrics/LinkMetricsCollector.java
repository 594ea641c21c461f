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
 * Reads at each scrape all series that come from the state stores: the links, and the same links with the metric names
 * of Caretta. It also exports two numbers that must be equal: the bytes that the ledger attributed to links, and the
 * sum over all links. A lasting difference shows that Natator counts wrongly.
 */
public final class LinkMetricsCollector implements MultiCollector {
    private final CommittedStores stores;
    private final LinkReader reader;
    private final boolean carettaMetrics;

    /**
     * Creates a collector.
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
        // Bytes are counted in the ledger first, and in the links later. The ledger is read first, so that bytes which
        // the ledger attributes between the two reads do not look as if the links had lost them.
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
        snapshots.add(gauge(
                        "natator_topology_link_series",
                        "Links and address prefixes that have their own series; together at most --series-limit.")
                .dataPoint(point("of", "link", own))
                .dataPoint(point("of", "prefix", prefixes))
                .build());
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
                comparison(
                        "natator_topology_attributed_bytes",
                        "Payload bytes that the ledger attributed to links (side=ledger), and the sum of the bytes of all"
                                + " links, retired links included (side=links). Over all instances the two differ only"
                                + " by bytes that are in transit.",
                        bytes,
                        linkBytes),
                comparison(
                        "natator_topology_attributed_connections",
                        "Connections (opened or failed) that the ledger attributed to links (side=ledger), and the sum of"
                                + " the connections of all links, retired links included (side=links).",
                        connections,
                        linkConnections));
    }

    private static MetricSnapshot comparison(String name, String help, long ledger, long links) {
        return gauge(name, help)
                .dataPoint(point("side", "ledger", ledger))
                .dataPoint(point("side", "links", links))
                .build();
    }

    private static GaugeSnapshot.Builder gauge(String name, String help) {
        return GaugeSnapshot.builder().name(name).help(help);
    }

    private static GaugeDataPointSnapshot point(String label, String value, long number) {
        return new GaugeDataPointSnapshot(number, Labels.of(label, value), null);
    }
}
