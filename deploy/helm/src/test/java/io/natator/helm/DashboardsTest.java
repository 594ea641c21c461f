package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Tests the JSON of the dashboards, and the ConfigMaps with which the chart passes the dashboards to Grafana. */
class DashboardsTest {
    /** The number of columns of Grafana's grid. */
    private static final int COLUMNS = 24;

    @ParameterizedTest
    @MethodSource("io.natator.helm.Dashboard#all")
    void useTheSelectedDataSource(Dashboard dashboard) {
        // When
        List<JsonNode> sources = dashboard.json().path("panels").findValues("datasource");

        // Then
        assertThat(sources)
                .isNotEmpty()
                .allSatisfy(source -> assertThat(source.path("uid").asString()).isEqualTo("${datasource}"));
        assertThat(dashboard.variables().map(variable -> variable.path("name").asString()))
                .contains("datasource")
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Dashboard#all")
    void useOnlyVariablesThatExist(Dashboard dashboard) {
        // When
        var expressions = dashboard.queries().map(Dashboard.Query::expression);

        // Then
        assertThat(expressions)
                .isNotEmpty()
                .noneMatch(expression -> expression.replace("\"$1\"", "").contains("$"));
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Dashboard#all")
    void placeEveryPanelOnTheGridWithoutOverlap(Dashboard dashboard) {
        // When
        List<JsonNode> places = dashboard.json().path("panels").findValues("gridPos");

        // Then
        Set<String> cells =
                places.stream().flatMap(place -> cells(place).stream()).collect(Collectors.toSet());
        assertThat(cells)
                .hasSize(places.stream().mapToInt(place -> cells(place).size()).sum());
        assertThat(places)
                .allSatisfy(place -> assertThat(
                                place.path("x").asInt() + place.path("w").asInt())
                        .isLessThanOrEqualTo(COLUMNS));
        assertThat(dashboard
                        .json()
                        .path("panels")
                        .valueStream()
                        .map(panel -> panel.path("id").asInt()))
                .doesNotHaveDuplicates();
    }

    @Test
    void haveUniqueIds() {
        // When
        List<Dashboard> dashboards = Dashboard.all().toList();

        // Then
        assertThat(dashboards)
                .hasSize(6)
                .allSatisfy(dashboard -> assertThat(dashboard.json().path("uid").asString() + ".json")
                        .isEqualTo(dashboard.file()));
        assertThat(dashboards.stream()
                        .map(dashboard -> dashboard.json().path("title").asString()))
                .doesNotHaveDuplicates();
    }

    @Test
    void linkToDashboardsThatExist() {
        // Given
        Set<String> identities = Dashboard.all()
                .map(dashboard -> dashboard.json().path("uid").asString())
                .collect(Collectors.toSet());

        // When
        List<String> urls = Dashboard.all()
                .flatMap(dashboard -> dashboard.json().path("panels").findValues("url").stream())
                .map(JsonNode::asString)
                .toList();

        // Then
        assertThat(urls)
                .isNotEmpty()
                .allSatisfy(url -> assertThat(identities).contains(url.replaceFirst("^/d/([^?]+).*", "$1")));
    }

    @Test
    void reachGrafanaUnchangedThroughItsSidecar() {
        // When
        Rendered rendered = Chart.render("everything.yaml");

        // Then
        assertThat(Dashboard.all()).allSatisfy(dashboard -> {
            ObjectNode map = rendered.object(
                    "ConfigMap", "natator-swimmer-" + dashboard.file().replace(".json", ""));
            assertThat(Rendered.strings(map.path("metadata").path("labels")))
                    .containsEntry("grafana_dashboard", "true");
            assertThat(Rendered.strings(map.path("metadata").path("annotations")))
                    .containsEntry("grafana_folder", "Natator");
            assertThat(map.path("metadata").path("namespace").asString()).isEqualTo("monitoring");
            assertThat(JsonMapper.shared()
                            .readTree(map.path("data").path(dashboard.file()).asString()))
                    .isEqualTo(dashboard.json());
        });
    }

    private static Set<String> cells(JsonNode place) {
        Set<String> cells = new java.util.HashSet<>();
        for (int x = 0; x < place.path("w").asInt(); x++) {
            for (int y = 0; y < place.path("h").asInt(); y++) {
                cells.add((place.path("x").asInt() + x) + "," + (place.path("y").asInt() + y));
            }
        }
        return cells;
    }
}
