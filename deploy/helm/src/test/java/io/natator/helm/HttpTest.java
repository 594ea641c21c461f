package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.topology.identity.ExternalNames;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Tests the chart's values for TLS and access control, and the topology's settings in files. */
class HttpTest {
    private final Rendered rendered = Chart.render("http.yaml");

    @Test
    void optionsNameMountedFiles() {
        // Given
        Map<String, String> settings = Rendered.strings(
                rendered.object("ConfigMap", "natator-settings").path("data"));

        // When
        Set<String> configured = new TreeSet<>(settings.values());
        configured.removeIf(value -> !value.startsWith("/etc/natator/http/"));

        // Then
        assertThat(configured).hasSize(4);
        assertThat(settings).containsEntry("NATATOR_HTTP_ALLOWED_HOSTS", "map.example.com,map.corp.example");
        assertThat(rendered.workloads()).hasSize(3).allSatisfy(workload -> {
            JsonNode http = volume(workload, "http").path("projected");
            Set<String> mounted = new TreeSet<>();
            http.path("sources")
                    .findValues("path")
                    .forEach(path -> mounted.add("/etc/natator/http/" + path.asString()));
            assertThat(mounted).isEqualTo(configured);
            // Kubernetes does not update a mount with subPath when the Secret changes, so no mount has one.
            assertThat(Rendered.container(workload).path("volumeMounts").valueStream())
                    .filteredOn(mount -> mount.path("name").asString().equals("http"))
                    .singleElement()
                    .satisfies(mount ->
                            assertThat(mount.path("mountPath").asString()).isEqualTo("/etc/natator/http"))
                    .satisfies(mount ->
                            assertThat(mount.path("subPath").isMissingNode()).isTrue());
        });
    }

    @Test
    void probesUseTheServedScheme() {
        assertThat(List.of("livenessProbe", "readinessProbe", "startupProbe")).allSatisfy(probe -> {
            assertThat(rendered.workloads())
                    .allSatisfy(workload -> assertThat(scheme(workload, probe)).isEqualTo("HTTPS"));
            assertThat(Chart.render("minimal.yaml").workloads())
                    .allSatisfy(workload -> assertThat(scheme(workload, probe)).isEmpty());
        });
    }

    private static String scheme(JsonNode workload, String probe) {
        return Rendered.container(workload)
                .path(probe)
                .path("httpGet")
                .path("scheme")
                .asString("");
    }

    @Test
    void prometheusSendsTheToken() {
        assertThat(rendered.ofKind("PodMonitor")).hasSize(3).allSatisfy(monitor -> {
            JsonNode endpoint = monitor.path("spec").path("podMetricsEndpoints").path(0);
            assertThat(endpoint.path("scheme").asString()).isEqualTo("https");
            assertThat(endpoint.path("authorization").path("credentials").toString())
                    .isEqualTo("{\"name\":\"natator-readers\",\"key\":\"tokens\"}");
            assertThat(endpoint.path("tlsConfig").path("insecureSkipVerify").asBoolean())
                    .isTrue();
        });
    }

    @Test
    void topologyReadsTheNamesOfRanges() {
        // Given
        String text = rendered.object("ConfigMap", "natator-topology")
                .path("data")
                .path("cidr-names.yaml")
                .asString();

        // When
        ExternalNames.Read read = ExternalNames.parse("test", text.lines().toList());

        // Then
        assertThat(read.problems()).isEmpty();
        assertThat(text.lines())
                .containsExactlyInAnyOrder("\"203.0.113.0/24\": \"payment provider\"", "\"2001:db8::/32\": \"office\"");
        JsonNode topology = rendered.workload("topology");
        assertThat(Rendered.container(topology).path("args").toString())
                .contains("--cidr-names=/etc/natator/topology/cidr-names.yaml");
        assertThat(volume(topology, "cidr-names").path("configMap").path("name").asString())
                .isEqualTo("natator-topology");
    }

    private static JsonNode volume(JsonNode workload, String name) {
        return Rendered.podSpec(workload)
                .path("volumes")
                .valueStream()
                .filter(volume -> volume.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
