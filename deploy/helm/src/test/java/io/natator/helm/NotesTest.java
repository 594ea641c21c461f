package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.http.FreePort;
import io.natator.local.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Tests that the objects and HTTP paths that NOTES.txt names exist. */
class NotesTest {
    private static final Pattern COMMAND = Pattern.compile("kubectl .*");
    private static final Pattern FORWARD = Pattern.compile("kubectl -n (\\S+) port-forward svc/(\\S+) (\\d+):(\\d+)");
    private static final Pattern ROLLOUT = Pattern.compile("kubectl -n (\\S+) rollout status (\\w+)/(\\S+)");
    private static final Pattern LABEL =
            Pattern.compile("kubectl label --overwrite namespace (\\S+) pod-security.kubernetes.io/enforce=privileged");
    private static final Pattern URL = Pattern.compile("(https?)://localhost:(\\d+)(/[^\\s,]*)?");
    private static final Pattern SECRETS = Pattern.compile("made in namespace (\\S+): copy (.*) to (\\S+)\\.");
    private static final Pattern SECRET = Pattern.compile("Secret ([^\\s,]+)");
    private static final Map<String, String> KINDS = Map.of("daemonset", "DaemonSet", "deployment", "Deployment");

    @TempDir
    static Path folder;

    private static ServiceProcess topology;
    private static int port;

    @BeforeAll
    static void serve() throws IOException {
        port = FreePort.find();
        topology = ServiceProcess.start(
                List.of(),
                "io.natator.topology.TopologyMain",
                List.of("--bootstrap-servers=127.0.0.1:9", "--http-port=" + port, "--state-dir=" + folder),
                folder.resolve("log"));
        await("topology-streams serves HTTP")
                .atMost(Duration.ofMinutes(3))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> status("/healthz") == 200);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (topology != null) {
            topology.close();
        }
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Chart#valuesFiles")
    void commandsNameRenderedObjects(String valuesFile) {
        // Given
        Rendered rendered = Chart.render(valuesFile);

        // When
        List<String> commands = COMMAND.matcher(notes(valuesFile))
                .results()
                .map(MatchResult::group)
                .toList();

        // Then
        assertThat(commands).hasSizeGreaterThanOrEqualTo(3).allSatisfy(command -> {
            var forward = FORWARD.matcher(command);
            var rollout = ROLLOUT.matcher(command);
            var label = LABEL.matcher(command);
            if (forward.matches()) {
                JsonNode service = rendered.object("Service", forward.group(2));
                assertThat(forward.group(1)).isEqualTo(namespace(service));
                assertThat(service.path("spec").path("ports").findValuesAsString("port"))
                        .contains(forward.group(4));
            } else if (rollout.matches()) {
                JsonNode workload = rendered.object(KINDS.getOrDefault(rollout.group(2), ""), rollout.group(3));
                assertThat(rollout.group(1)).isEqualTo(namespace(workload));
            } else {
                assertThat(label.matches()).as(command).isTrue();
                assertThat(label.group(1)).isEqualTo(Chart.NAMESPACE);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Chart#valuesFiles")
    void addressesAreServed(String valuesFile) throws Exception {
        // Given
        Rendered rendered = Chart.render(valuesFile);
        String notes = notes(valuesFile);

        // When
        List<MatchResult> urls = URL.matcher(notes).results().toList();

        // Then
        var forward = FORWARD.matcher(notes);
        assertThat(forward.find()).isTrue();
        String scheme = Rendered.container(rendered.workload("topology"))
                .path("readinessProbe")
                .path("httpGet")
                .path("scheme")
                .asString("HTTP");
        assertThat(urls).isNotEmpty();
        for (MatchResult url : urls) {
            assertThat(url.group(1)).isEqualToIgnoringCase(scheme);
            assertThat(url.group(2)).isEqualTo(forward.group(3));
            String path = url.group(3) == null ? "/" : url.group(3);
            assertThat(status(path)).as(path).isNotEqualTo(404);
        }
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Chart#valuesFiles")
    void otherNamesAreRendered(String valuesFile) {
        // Given
        Rendered rendered = Chart.render(valuesFile);

        // When
        String notes = notes(valuesFile);

        // Then
        var monitors = Pattern.compile("PodMonitors (\\S+-)\\*").matcher(notes);
        if (monitors.find()) {
            assertThat(rendered.ofKind("PodMonitor").map(Rendered::name))
                    .isNotEmpty()
                    .allMatch(name -> name.startsWith(monitors.group(1)));
        }
        var dashboards = Pattern.compile("by the label (\\S+)=(\\S+)").matcher(notes);
        while (dashboards.find()) {
            assertThat(rendered.ofKind("ConfigMap"))
                    .anySatisfy(map -> assertThat(
                                    Rendered.strings(map.path("metadata").path("labels")))
                            .containsEntry(dashboards.group(1), dashboards.group(2)));
        }
        SECRET.matcher(notes)
                .results()
                .forEach(secret -> assertThat(rendered.objects().toString()).contains("\"" + secret.group(1) + "\""));
        SECRETS.matcher(notes).results().forEach(copied -> {
            assertThat(copied.group(2).split(", | and "))
                    .containsExactlyInAnyOrderElementsOf(
                            rendered.ofKind("KafkaUser").map(Rendered::name).toList());
            assertThat(rendered.ofKind("KafkaUser").map(NotesTest::namespace)).containsOnly(copied.group(1));
            assertThat(copied.group(3)).isEqualTo(Chart.NAMESPACE);
        });
    }

    @Test
    void findsAMissingPath() throws Exception {
        assertThat(status("/")).isEqualTo(404);
    }

    private static String namespace(JsonNode object) {
        return object.path("metadata").path("namespace").asString();
    }

    private static String notes(String valuesFile) {
        return Chart.helm()
                .install()
                .withName("natator")
                .withNamespace(Chart.NAMESPACE)
                .withKubeVersion(Chart.KUBERNETES)
                .withValuesFile(Chart.VALUES.resolve(valuesFile))
                .clientOnly()
                .dryRun()
                .call()
                .getOutput()
                .replaceFirst("(?s).*NOTES:", "");
    }

    private static int status(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
