package io.natator.topology.metrics;

import io.natator.schemas.Hashes;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.Protocol;
import io.natator.schemas.Via;
import io.natator.schemas.Workload;
import io.natator.topology.identity.WorkloadKinds;
import io.natator.topology.link.ConnectionCounts;
import io.natator.topology.link.LinkReader.Link;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The metrics {@code caretta_links_observed} and {@code caretta_tcp_states}, as Caretta v0.0.17 exports them, so that
 * Caretta's dashboards work. A series with role 1 shows a link as the client's node sees it, and counts the bytes that
 * the client sent. Its server is what the client dialled (connected to): a Service or the server itself. For a Service,
 * the port is the first port that a client dialled. A series with role 2 shows a link as the server's node sees it, and
 * counts the bytes that the server sent. An external end has no node, so a link to it has only the series of the other
 * end. UDP is not exported. Create a new object for each scrape.
 */
final class CarettaMetricFamilies {
    private static final String[] LABELS = {
        "link_id", "client_id", "client_name", "client_namespace", "client_kind", "client_owner",
        "server_id", "server_name", "server_namespace", "server_kind", "server_port", "role"
    };
    private static final int CLOSED_STATE = 5;

    private final Map<List<String>, Sum> sums = new LinkedHashMap<>();

    /** The sum of all links whose series have the same labels. */
    private static final class Sum {
        private final int openState;
        private long bytes;
        private long active;

        Sum(int openState) {
            this.openState = openState;
        }
    }

    /** The end whose view a series shows, with the numbers that Caretta uses for this end. */
    private enum Role {
        CLIENT(1, 3),
        SERVER(2, 4);

        private final int label;

        /** The value of {@code caretta_tcp_states} while a connection of the link is open. */
        private final int openState;

        Role(int label, int openState) {
            this.label = label;
            this.openState = openState;
        }
    }

    /**
     * A link as one of its ends sees it.
     *
     * @param serverPort the server's port as this end knows it; for the client, the port to which it connected
     * @param bytes bytes that this end sent
     */
    private record View(Role role, int serverPort, long bytes) {}

    void add(Link link) {
        add(link, "");
    }

    /**
     * Adds the sum of the links that share the series of an address prefix. Each partition has its own sum, so the ids
     * in the labels contain the partition. A series therefore never decreases when a partition moves to another
     * instance.
     */
    void addPrefix(int partition, Link prefix) {
        add(prefix, "partition-" + partition);
    }

    private void add(Link link, String share) {
        LinkTotals totals = link.totals();
        // A connection that moved here from another link counts as active and closed here, but not as opened.
        boolean isEstablished = totals.getConnectionsOpened() > 0 || totals.getConnectionsMoved() > 0;
        if (!isEstablished || link.key().getProtocol() != Protocol.TCP) {
            return;
        }
        LinkKey key = link.key();
        Workload server = key.getServer();
        if (!WorkloadKinds.isExternal(key.getClient())) {
            int port = totals.getDialledPort() == 0 ? key.getServerPort() : totals.getDialledPort();
            add(key, dialled(key), share, new View(Role.CLIENT, port, totals.getBytesToServer()), totals);
        }
        if (!WorkloadKinds.isExternal(server)) {
            add(key, server, share, new View(Role.SERVER, key.getServerPort(), totals.getBytesToClient()), totals);
        }
    }

    private void add(LinkKey key, Workload server, String share, View view, LinkTotals totals) {
        Workload client = key.getClient();
        String clientText = client.getName() + client.getNamespace();
        String serverText = server.getName() + server.getNamespace();
        List<String> labels = List.of(
                Integer.toUnsignedString(fnv32a(clientText + serverText + share) + view.role().label),
                Integer.toUnsignedString(fnv32a(clientText)),
                client.getName(),
                client.getNamespace(),
                kind(client),
                totals.getClientOwner(),
                Integer.toUnsignedString(fnv32a(serverText)),
                server.getName(),
                server.getNamespace(),
                kind(server),
                Integer.toString(view.serverPort()),
                Integer.toString(view.role().label));
        Sum sum = sums.computeIfAbsent(labels, absent -> new Sum(view.role().openState));
        sum.bytes += view.bytes();
        sum.active += ConnectionCounts.of(totals).active();
    }

    List<MetricSnapshot> snapshots() {
        var observed = GaugeSnapshot.builder()
                .name("caretta_links_observed")
                .help("total bytes_sent value of links observed by caretta since its launch");
        var states = GaugeSnapshot.builder()
                .name("caretta_tcp_states")
                .help("state of the TCP connections of a link: 3 opened by the client, 4 accepted by the server, 5"
                        + " closed");
        sums.forEach((values, sum) -> {
            Labels labels = Labels.of(LABELS, values.toArray(String[]::new));
            observed.dataPoint(new GaugeDataPointSnapshot(sum.bytes, labels, null));
            states.dataPoint(new GaugeDataPointSnapshot(sum.active > 0 ? sum.openState : CLOSED_STATE, labels, null));
        });
        return List.of(observed.build(), states.build());
    }

    /** What the client dialled (connected to): the Service if it used one, otherwise the server itself. */
    private static Workload dialled(LinkKey key) {
        return Via.parse(key.getVia())
                .map(via -> new Workload(via.name(), via.namespace(), "Service", "", "", ""))
                .orElse(key.getServer());
    }

    private static String kind(Workload workload) {
        return "Pod".equals(workload.getKind()) ? "pod" : workload.getKind();
    }

    /** The FNV-1a hash of the text in UTF-8, with 32 bits. */
    static int fnv32a(String text) {
        return Hashes.fnv1a32(text.getBytes(StandardCharsets.UTF_8));
    }
}
