package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.http.prometheus.Prometheus;
import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestClusterExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Runs every query of the dashboards, and of Caretta's dashboard, in a real Prometheus that scrapes the running
 * services.
 */
@ExtendWith(TestClusterExtension.class)
class QueriesTest {
    private static final Pattern LABEL = Pattern.compile("\\{\\{\\s*([a-z_]+)\\s*}}");
    private static final Pattern METRIC = Pattern.compile("\\b(natator|caretta)_[a-z_]+\\b");

    @TempDir
    static Path folder;

    private static Shop shop;
    private static Prometheus prometheus;

    @BeforeAll
    static void scrape(TestCluster cluster) throws IOException {
        Files.createDirectories(folder.resolve("shop"));
        shop = new Shop(cluster, folder.resolve("shop"));
        prometheus = Prometheus.start(folder, shop.targets());
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> !prometheus
                        .query("rate(natator_link_bytes_total{client_name=\"198.51.100.9\"}[15s]) > 0", false)
                        .isEmpty());
    }

    @AfterAll
    static void stop() throws InterruptedException {
        prometheus.close();
        shop.close();
    }

    static Stream<Dashboard.Query> queries() {
        return Dashboard.all().flatMap(Dashboard::queries);
    }

    @ParameterizedTest
    @MethodSource("queries")
    void returnDataWithTheLabelsOfThePanel(Dashboard.Query query) {
        // When
        JsonNode series = await(query.expression(), query.isRange());

        // Then
        Set<String> labels = series.valueStream()
                .flatMap(one -> one.path("metric").propertyNames().stream())
                .collect(Collectors.toSet());
        Set<String> shown = labelsShown(query);
        // The label 'via' is not required, because only links through a Service have it.
        shown.remove("via");
        assertThat(labels).containsAll(shown);
    }

    @Test
    void showTheDialledService() {
        // Given
        List<Dashboard.Query> tables = queries()
                .filter(query -> query.expression().contains("via)")
                        && labelsShown(query).contains("via"))
                .toList();

        // When
        Set<String> services = tables.stream()
                .flatMap(query -> values(await(query.expression(), query.isRange()), "via").stream())
                .collect(Collectors.toSet());

        // Then
        assertThat(services).anyMatch(via -> via.startsWith("shop/cart-api:"));
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Dashboard#all")
    void variablesHaveValues(Dashboard dashboard) {
        // When
        List<String> queries = dashboard
                .variables()
                .filter(variable -> variable.path("type").asString().equals("query"))
                .map(variable -> variable.path("query").path("query").asString())
                .map(query -> query.replaceFirst("label_values\\((.+), ([a-z_]+)\\)", "count by ($2) ($1{$2!=\"\"})"))
                .map(query -> query.replaceFirst("query_result\\((.+)\\)$", "$1"))
                .map(dashboard::fillIn)
                .toList();

        // Then
        assertThat(queries).allSatisfy(query -> assertThat(await(query, false)).isNotEmpty());
    }

    /** The queries of Caretta's dashboard, as Grafana sends them if all variables are set to "All". */
    @ParameterizedTest
    @CsvSource(delimiterString = "::", textBlock = """
        nodes                 :: increase((sum by (id, title, subTitle, detail__kind, arc__color) (label_replace((label_replace(label_replace(label_replace(label_replace(SELECTED, "detail__kind", "$1", "server_kind", "(.*)"), "subTitle", "$1", "server_namespace", "(.*)"), "title", "$1", "server_name", "(.*)"), "id", "$1", "server_id", "(.*)") or label_replace(label_replace(label_replace(label_replace(SELECTED, "detail__kind", "$1", "client_kind", "(.*)"), "subTitle", "$1", "client_namespace", "(.*)"), "title", "$1", "client_name", "(.*)"), "id", "$1", "client_id", "(.*)")), "arc__color", "1", "link_id", "(.*)")))[30s:1s]) > 0
        edges                 :: increase((sum by (id, source, target, mainStat) (label_replace(label_replace(label_replace(label_replace(SELECTED, "id", "$1", "link_id", "(.*)"), "source", "$1", "client_id", "(.*)"), "target", "$1", "server_id", "(.*)"), "mainStat", "$1", "server_port", "(.*)")))[30s:1s]) > 0
        active ports          :: sum by (server_port) (increase(SELECTED[30s:1s])) > 0
        throughput, workloads :: topk(8, sum by (client_name) ((rate(caretta_links_observed{CLIENT}[30s:1s]))))
        throughput, links     :: topk(7, sum by (client_name, server_name) (rate((caretta_links_observed{CLIENT, client_kind!~"(node|external)",} or caretta_links_observed{SERVER, server_kind!~"(node|external)"})[30s:1s])))
        """)
    void carettasDashboardHasData(String panel, String expression) {
        // Given
        String client =
                "client_namespace=~\"(.*)\", client_kind=~\"(.*)\", client_name=~\"(.*)\", server_port=~\"(.*)\"";
        String server = client.replace("client_", "server_");
        String selected = "(caretta_links_observed{CLIENT} or caretta_links_observed{SERVER})";

        // When
        JsonNode series = await(
                expression
                        .replace("SELECTED", selected)
                        .replace("CLIENT", client)
                        .replace("SERVER", server),
                false);

        // Then
        assertThat(series).as(panel).isNotEmpty();
    }

    @Test
    void everyEdgeOfTheServiceMapEndsAtANode() {
        // Given
        List<Dashboard.Query> map = queries()
                .filter(query -> query.panel().path("type").asString().equals("nodeGraph"))
                .toList();

        // When
        JsonNode nodes = await(map.getFirst().expression(), false);
        JsonNode edges = await(map.getLast().expression(), false);

        // Then
        Set<String> ids = values(nodes, "id");
        assertThat(ids)
                .contains(
                        "shop/Deployment/web",
                        "shop/Deployment/cart",
                        "shop/Deployment/sessions",
                        "external/external/203.0.113.7",
                        "external/external/198.51.100.9");
        assertThat(ids).containsAll(values(edges, "source")).containsAll(values(edges, "target"));
        assertThat(values(edges, "id")).hasSize(edges.size());
    }

    @Test
    void trafficWithinAZoneIsNotCrossZoneTraffic() {
        // Given
        Dashboard.Query query = queries()
                .filter(candidate -> candidate.panel().path("title").asString().equals("Cross-zone throughput"))
                .findFirst()
                .orElseThrow();

        // When
        JsonNode series = await(query.expression(), false);

        // Then
        assertThat(series.valueStream()
                        .map(one -> Rendered.strings(one.path("metric")).values().stream()
                                .toList()))
                .containsExactlyInAnyOrder(List.of("zone-1", "zone-2"), List.of("zone-2", "zone-1"));
    }

    @Test
    void findsAnUnknownFunction() {
        // When
        var query = assertThatThrownBy(() -> prometheus.query("ratio(natator_link_bytes_total[15s])", false));

        // Then
        query.isInstanceOf(AssertionError.class).hasMessageContaining("unknown function");
    }

    @Test
    void dashboardsAndAlertsUseOnlyExposedMetrics() throws Exception {
        // Given
        Set<String> exposed = metrics(shop.exposition());

        // When
        Set<String> used = new TreeSet<>(metrics(Files.readString(Chart.FOLDER.resolve("alerts/natator.yaml"))));
        queries().forEach(query -> used.addAll(metrics(query.expression())));

        // Then
        assertThat(exposed).containsAll(used);
    }

    @Test
    void operationsPageListsEveryMetric() throws Exception {
        // Given
        if (Boolean.getBoolean("natator.metrics.write")) {
            MetricsPage.write(MetricsPage.rows(shop.exposition()));
        }

        // When
        String page = MetricsPage.read();

        // Then, after Natator has assigned the first failed connection to a link
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(page).isEqualTo(MetricsPage.rows(shop.exposition())));
    }

    private static Set<String> labelsShown(Dashboard.Query query) {
        Set<String> labels = LABEL.matcher(query.target().path("legendFormat").asString())
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
        query.panel()
                .findValues("renameByName")
                .forEach(names -> names.propertyNames().stream()
                        .filter(name -> !name.startsWith("Value"))
                        .forEach(labels::add));
        return labels;
    }

    private static Set<String> values(JsonNode series, String label) {
        return series.valueStream()
                .map(one -> one.path("metric").path(label).asString())
                .collect(Collectors.toSet());
    }

    private static Set<String> metrics(String text) {
        return METRIC.matcher(text).results().map(match -> match.group()).collect(Collectors.toSet());
    }

    /** Waits until the result of a query is not empty, and returns it. */
    private static JsonNode await(String expression, boolean range) {
        return Awaitility.await(expression)
                .atMost(Duration.ofSeconds(30))
                .until(() -> prometheus.query(expression, range), series -> !series.isEmpty());
    }
}
