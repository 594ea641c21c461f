package io.natator.helm;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands in for the metrics of the three services: their names, types and labels, with values that grow at every
 * scrape. A web shop in two zones, with an external caller and an external provider.
 */
final class StandInServices implements AutoCloseable {
    private record Link(
            String clientNamespace,
            String client,
            String clientKind,
            String clientZone,
            String serverNamespace,
            String server,
            String serverKind,
            String serverZone,
            int port,
            String via,
            int weight) {
        String labels() {
            return "client_name=\"%s\",client_namespace=\"%s\",client_kind=\"%s\",client_zone=\"%s\","
                            .formatted(client, clientNamespace, clientKind, clientZone)
                    + "server_name=\"%s\",server_namespace=\"%s\",server_kind=\"%s\",server_zone=\"%s\","
                            .formatted(server, serverNamespace, serverKind, serverZone)
                    + "server_port=\"%d\",protocol=\"TCP\",via=\"%s\"".formatted(port, via);
        }
    }

    private static final List<Link> LINKS = List.of(
            new Link("shop", "web", "Deployment", "a", "shop", "cart", "Deployment", "a", 8080, "shop/cart", 3),
            new Link("shop", "web", "Deployment", "a", "shop", "cart", "Deployment", "b", 8080, "shop/cart", 2),
            new Link(
                    "shop",
                    "cart",
                    "Deployment",
                    "b",
                    "data",
                    "postgres",
                    "StatefulSet",
                    "a",
                    5432,
                    "data/postgres",
                    5),
            new Link("shop", "cart", "Deployment", "a", "external", "203.0.113.7", "external", "", 443, "", 1),
            new Link("external", "198.51.100.9", "external", "", "shop", "web", "Deployment", "a", 443, "", 4));

    private final HttpServer server;
    private final AtomicLong scrapes = new AtomicLong();

    StandInServices() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            byte[] body = exposition(scrapes.incrementAndGet()).getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    /** All metrics of all three after some scrapes, in Prometheus' text format. */
    static String exposition(long scrapes) {
        StringBuilder text = new StringBuilder();
        links(text, scrapes);
        caretta(text, scrapes);
        collector(text, scrapes);
        enricher(text, scrapes);
        topology(text, scrapes);
        return text.toString();
    }

    private static void links(StringBuilder text, long n) {
        type(text, "natator_link_bytes_total", "counter");
        for (Link link : LINKS) {
            sample(
                    text,
                    "natator_link_bytes_total",
                    link.labels() + ",direction=\"to_server\"",
                    n * link.weight * 1000);
            sample(
                    text,
                    "natator_link_bytes_total",
                    link.labels() + ",direction=\"to_client\"",
                    n * link.weight * 9000);
        }
        type(text, "natator_link_connections_total", "counter");
        LINKS.forEach(link -> sample(text, "natator_link_connections_total", link.labels(), n * link.weight));
        type(text, "natator_link_failures_total", "counter");
        LINKS.forEach(link -> {
            sample(text, "natator_link_failures_total", link.labels() + ",reason=\"REFUSED\"", n);
            sample(text, "natator_link_failures_total", link.labels() + ",reason=\"TIMEOUT\"", 2 * n);
        });
        type(text, "natator_link_retransmits_total", "counter");
        LINKS.forEach(link -> sample(text, "natator_link_retransmits_total", link.labels(), n * link.weight));
        type(text, "natator_link_rtt_seconds", "histogram");
        LINKS.forEach(link -> {
            String bucket = "natator_link_rtt_seconds_bucket";
            sample(text, bucket, link.labels() + ",le=\"1.0E-4\"", n);
            sample(text, bucket, link.labels() + ",le=\"0.001\"", 5 * n);
            sample(text, bucket, link.labels() + ",le=\"+Inf\"", 6 * n);
            sample(text, "natator_link_rtt_seconds_sum", link.labels(), n);
            sample(text, "natator_link_rtt_seconds_count", link.labels(), 6 * n);
        });
    }

    private static void caretta(StringBuilder text, long n) {
        type(text, "caretta_links_observed", "gauge");
        LINKS.forEach(link -> {
            sample(text, "caretta_links_observed", caretta(link, 1), n * link.weight * 1000);
            sample(text, "caretta_links_observed", caretta(link, 2), n * link.weight * 9000);
        });
        type(text, "caretta_tcp_states", "gauge");
        LINKS.forEach(link -> {
            sample(text, "caretta_tcp_states", caretta(link, 1), 3);
            sample(text, "caretta_tcp_states", caretta(link, 2), 4);
        });
    }

    private static String caretta(Link link, int role) {
        int client = (link.client + link.clientNamespace).hashCode();
        int server = (link.server + link.serverNamespace).hashCode();
        String zone = link.clientZone + link.serverZone;
        return "link_id=\"%d\",client_id=\"%d\",client_name=\"%s\",client_namespace=\"%s\",client_kind=\"%s\",client_owner=\"\","
                        .formatted(
                                client * 31 + server + zone.hashCode() + role,
                                client,
                                link.client,
                                link.clientNamespace,
                                link.clientKind)
                + "server_id=\"%d\",server_name=\"%s\",server_namespace=\"%s\",server_kind=\"%s\",server_port=\"%d\",role=\"%d\""
                        .formatted(server, link.server, link.serverNamespace, link.serverKind, link.port, role);
    }

    private static void collector(StringBuilder text, long n) {
        for (String gauge : List.of(
                "connections_live",
                "connections_live_capacity",
                "ring_bytes",
                "ring_capacity_bytes",
                "spill_entries",
                "spill_capacity",
                "unacknowledged_records",
                "unacknowledged_batches",
                "since_acknowledged_seconds")) {
            type(text, "natator_collector_" + gauge, "gauge");
            sample(text, "natator_collector_" + gauge, "", 100 + n);
        }
        for (String counter : List.of(
                "connections_opened",
                "connections_closed",
                "connections_failed",
                "connections_spilled",
                "connections_folded",
                "events_lost",
                "recursion_misses",
                "read_failures",
                "records_acknowledged",
                "records_refused",
                "records_unencodable",
                "send_failures",
                "snapshots_sent")) {
            type(text, "natator_collector_" + counter + "_total", "counter");
            sample(text, "natator_collector_" + counter + "_total", "", n);
        }
        type(text, "natator_collector_filtered_total", "counter");
        sample(text, "natator_collector_filtered_total", "reason=\"loopback\"", n);
        type(text, "natator_collector_snapshot_seconds", "summary");
        sample(text, "natator_collector_snapshot_seconds_count", "", n);
        sample(text, "natator_collector_snapshot_seconds_sum", "", n);
    }

    private static void enricher(StringBuilder text, long n) {
        for (String gauge : List.of(
                "leader", "addresses", "history_spans", "history_deepest", "history_forgotten", "identities", "pods", "pods_held_back", "controllers")) {
            type(text, "natator_enricher_" + gauge, "gauge");
            sample(text, "natator_enricher_" + gauge, "", 1);
        }
        for (String counter : List.of("records_written", "records_unreadable", "deposed")) {
            type(text, "natator_enricher_" + counter + "_total", "counter");
            sample(text, "natator_enricher_" + counter + "_total", "", n);
        }
        type(text, "natator_enricher_events_total", "counter");
        sample(text, "natator_enricher_events_total", "kind=\"Pod\",event=\"added\"", n);
        type(text, "natator_enricher_set_aside_total", "counter");
        sample(text, "natator_enricher_set_aside_total", "kind=\"Pod\",reason=\"address\"", n);
        type(text, "natator_enricher_watch_resets_total", "counter");
        sample(text, "natator_enricher_watch_resets_total", "kind=\"Pod\"", n);
    }

    private static void topology(StringBuilder text, long n) {
        for (String counter : List.of(
                "snapshots",
                "collisions",
                "settled",
                "settled_at_bound",
                "evicted_ended",
                "evicted_idle",
                "folded_bytes",
                "late_bytes",
                "udp_left_bytes",
                "retired_links",
                "activity_events",
                "activity_folded",
                "activity_dropped",
                "undecodable_dns_names",
                "undecodable_identities")) {
            type(text, "natator_topology_" + counter + "_total", "counter");
            sample(text, "natator_topology_" + counter + "_total", "", n);
        }
        type(text, "natator_topology_unresolved_total", "counter");
        sample(text, "natator_topology_unresolved_total", "reason=\"unknown_address\"", n);
        type(text, "natator_topology_hold_back_seconds", "summary");
        sample(text, "natator_topology_hold_back_seconds_count", "", n);
        sample(text, "natator_topology_hold_back_seconds_sum", "", n);
        type(text, "natator_topology_dead_letters_total", "counter");
        sample(text, "natator_topology_dead_letters_total", "reason=\"undecodable\"", n);
        type(text, "natator_topology_corrections_total", "counter");
        sample(text, "natator_topology_corrections_total", "reason=\"role\"", n);
        for (String gauge :
                List.of("records_lag", "process_rate", "commit_latency_max", "failed_threads", "alive_threads")) {
            type(text, "natator_topology_streams_" + gauge, "gauge");
            sample(text, "natator_topology_streams_" + gauge, "", 2);
        }
        for (String pair : List.of("natator_topology_attributed_bytes", "natator_topology_attributed_connections")) {
            type(text, pair, "gauge");
            sample(text, pair, "side=\"ledger\"", n);
            sample(text, pair, "side=\"links\"", n);
        }
    }

    private static void type(StringBuilder text, String family, String type) {
        text.append("# HELP ").append(family).append(" Stands in.\n");
        text.append("# TYPE ").append(family).append(' ').append(type).append('\n');
    }

    private static void sample(StringBuilder text, String name, String labels, long value) {
        text.append(name).append('{').append(labels).append("} ").append(value).append('\n');
    }
}
