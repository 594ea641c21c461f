package io.natator.topology.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.Protocol;
import io.natator.schemas.Workload;
import io.natator.topology.link.LinkReader.Link;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LinkMetricsCollectorTest {
    private static final Workload WEB = new Workload("web", "shop", "Deployment", "zone-1", "region-1", "");
    private static final Workload CART = new Workload("cart", "shop", "Pod", "zone-2", "region-1", "");
    private static final Workload OUTSIDE = new Workload("8.8.8.8", "external", "external", "", "", "");

    private static LinkTotals totals(long toServer, long toClient, long opened, long closed) {
        return LinkTotals.newBuilder()
                .setFirstSeen(Instant.EPOCH)
                .setLastSeen(Instant.EPOCH)
                .setBytesToServer(toServer)
                .setBytesToClient(toClient)
                .setConnectionsOpened(opened)
                .setConnectionsClosed(closed)
                .build();
    }

    private static Link link(Workload client, Workload server, String via, LinkTotals totals) {
        return new Link(new LinkKey(client, server, 8080, Protocol.TCP, via), totals);
    }

    private static String text(List<MetricSnapshot> snapshots) throws IOException {
        var out = new ByteArrayOutputStream();
        OpenMetricsTextFormatWriter.create().write(out, new MetricSnapshots(snapshots), EscapingScheme.DEFAULT);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void linkHasTheNamesAndLabelsOfTheContract() throws IOException {
        // Given
        LinkTotals totals = LinkTotals.newBuilder(totals(10, 20, 3, 1))
                .setRetransmits(4)
                .setFailures(Map.of("RESET", 2L))
                .setConnectionsFailed(1)
                .setRttBuckets(Collections.nCopies(13, 1L))
                .setRttSumMicros(2_000_000)
                .build();
        var families = new LinkMetricFamilies();

        // When
        families.add(link(WEB, CART, "shop/cart:80", totals));

        // Then
        String labels =
                "client_cluster=\"\",client_kind=\"Deployment\",client_name=\"web\",client_namespace=\"shop\",client_zone=\"zone-1\"";
        String rest =
                "protocol=\"TCP\",%sserver_cluster=\"\",server_kind=\"Pod\",server_name=\"cart\",server_namespace=\"shop\","
                        + "server_port=\"8080\",server_zone=\"zone-2\",via=\"shop/cart:80\"";
        assertThat(text(families.snapshots()).lines())
                .contains(
                        "natator_link_bytes_total{" + labels + ",direction=\"to_server\"," + rest.formatted("")
                                + "} 10.0",
                        "natator_link_bytes_total{" + labels + ",direction=\"to_client\"," + rest.formatted("")
                                + "} 20.0",
                        "natator_link_connections_total{" + labels + "," + rest.formatted("") + "} 3.0",
                        "natator_link_retransmits_total{" + labels + "," + rest.formatted("") + "} 4.0",
                        "natator_link_failures_total{" + labels + "," + rest.formatted("reason=\"RESET\",") + "} 2.0",
                        "natator_link_rtt_seconds_count{" + labels + "," + rest.formatted("") + "} 13",
                        "natator_link_rtt_seconds_sum{" + labels + "," + rest.formatted("") + "} 2.0");
    }

    @Test
    void linksWithEqualLabelsAreOneSeries() throws IOException {
        var families = new LinkMetricFamilies();
        families.add(link(WEB, CART, "", totals(10, 1, 1, 0)));
        families.add(link(
                new Workload("web", "shop", "Deployment", "zone-1", "region-2", ""), CART, "", totals(5, 1, 1, 0)));

        assertThat(text(families.snapshots()).lines())
                .filteredOn(line -> line.startsWith("natator_link_connections_total"))
                .singleElement()
                .asString()
                .endsWith("} 2.0");
    }

    @Test
    void otherMakesTheSumExact() throws IOException {
        var families = new LinkMetricFamilies();
        families.add(link(WEB, CART, "", totals(10, 1, 1, 0)));
        families.addOther(2, totals(500, 5, 7, 7));

        assertThat(families.bytes()).isEqualTo(516);
        assertThat(families.connections()).isEqualTo(8);
        assertThat(text(families.snapshots()))
                .contains("client_name=\"other\",client_namespace=\"partition-2\"")
                .contains("server_name=\"other\"");
    }

    @Test
    void carettaShowsBothRolesTheClientsWithTheServiceItDialled() throws IOException {
        var families = new CarettaMetricFamilies();
        families.add(link(WEB, CART, "shop/cart-service:80", totals(10, 20, 2, 1)));

        List<String> observed = text(families.snapshots())
                .lines()
                .filter(line -> line.startsWith("caretta_links_observed{"))
                .toList();
        assertThat(observed).hasSize(2);
        assertThat(observed)
                .anySatisfy(line -> assertThat(line)
                        .contains("role=\"1\"")
                        .contains("server_name=\"cart-service\"")
                        .contains("server_kind=\"Service\"")
                        .endsWith(" 10.0"))
                .anySatisfy(line -> assertThat(line)
                        .contains("role=\"2\"")
                        .contains("server_name=\"cart\"")
                        .contains("server_kind=\"pod\"")
                        .contains("client_owner=\"\"")
                        .endsWith(" 20.0"));
    }

    @Test
    void carettaNamesTheDirectControllerOfAClientPod() throws IOException {
        var families = new CarettaMetricFamilies();
        families.add(link(
                new Workload("web-1-x", "shop", "Pod", "", "", ""),
                CART,
                "",
                LinkTotals.newBuilder(totals(10, 20, 2, 1))
                        .setClientOwner("web-1")
                        .build()));

        assertThat(text(families.snapshots()).lines().filter(line -> line.startsWith("caretta_links_observed{")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .contains("client_kind=\"pod\",client_name=\"web-1-x\"")
                        .contains("client_owner=\"web-1\""));
    }

    @Test
    void carettaIdsAreFnv() throws IOException {
        // Test vectors of FNV-1a, from draft-eastlake-fnv
        assertThat(CarettaMetricFamilies.fnv32a("")).isEqualTo(0x811c9dc5);
        assertThat(CarettaMetricFamilies.fnv32a("foobar")).isEqualTo(0xbf9cf968);

        var families = new CarettaMetricFamilies();
        families.add(link(WEB, CART, "", totals(10, 20, 2, 1)));
        assertThat(text(families.snapshots()))
                .contains("client_id=\"" + Integer.toUnsignedString(CarettaMetricFamilies.fnv32a("webshop")) + "\"")
                .contains("link_id=\"" + Integer.toUnsignedString(CarettaMetricFamilies.fnv32a("webshopcartshop") + 2)
                        + "\"");
    }

    @Test
    void carettaStatesAreOpenAcceptedClosed() throws IOException {
        var families = new CarettaMetricFamilies();
        families.add(link(WEB, CART, "", totals(10, 20, 2, 1)));
        families.add(link(CART, WEB, "", totals(10, 20, 2, 2)));

        assertThat(text(families.snapshots()).lines().filter(line -> line.startsWith("caretta_tcp_states{")))
                .extracting(line -> line.substring(line.length() - 3))
                .containsExactlyInAnyOrder("3.0", "4.0", "5.0", "5.0");
    }

    @Test
    void carettaHasNoSeriesOfExternalEnds() throws IOException {
        var families = new CarettaMetricFamilies();
        families.add(link(WEB, OUTSIDE, "", totals(10, 20, 1, 0)));
        families.add(link(OUTSIDE, WEB, "", totals(10, 20, 1, 0)));
        families.add(link(CART, OUTSIDE, "", totals(0, 0, 0, 0)));

        assertThat(text(families.snapshots()).lines().filter(line -> line.startsWith("caretta_links_observed{")))
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).contains("role=\"1\"").contains("server_name=\"8.8.8.8\""))
                .anySatisfy(line -> assertThat(line).contains("role=\"2\"").contains("client_name=\"8.8.8.8\""));
    }
}
