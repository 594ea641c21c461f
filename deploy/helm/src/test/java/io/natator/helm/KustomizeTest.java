package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.testcluster.TestClusterExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Tests that the checked-in manifests for {@code kubectl apply -k} equal the rendered chart. */
class KustomizeTest {
    /** A system property. If true, the test writes the checked-in file instead of comparing it. */
    private static final String WRITE = "natator.kustomize.write";

    private static final Path FOLDER = Path.of("../kustomize").toAbsolutePath().normalize();
    private static final Path RENDERED = FOLDER.resolve("natator.yaml");
    private static final Path VALUES = FOLDER.resolve("values.yaml");

    @Test
    void equalsTheRenderedChart() throws IOException {
        // Given
        String expected = rendered();
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(RENDERED, expected);
        }

        // When
        String checkedIn = Files.readString(RENDERED);

        // Then
        assertThat(checkedIn)
                .as(
                        "%s differs from the rendered chart: run mvn -pl schemas,deploy/helm verify -D%s=true",
                        RENDERED, WRITE)
                .isEqualTo(expected);
    }

    @Test
    void brokersAreNamedInOnePlace() throws IOException {
        // When
        List<String> lines;
        try (Stream<Path> files = Files.list(FOLDER)) {
            lines = files.flatMap(KustomizeTest::lines)
                    .filter(line -> line.contains("my-cluster-kafka-bootstrap") || line.contains("BOOTSTRAP"))
                    .map(String::strip)
                    .toList();
        }

        // Then
        assertThat(lines)
                .containsExactlyInAnyOrder(
                        "bootstrapServers: my-cluster-kafka-bootstrap.kafka:9092",
                        "- NATATOR_BOOTSTRAP_SERVERS=my-cluster-kafka-bootstrap.kafka:9092");
    }

    @Test
    void kubectlBuildsIt() throws IOException, InterruptedException {
        // Given
        TestClusterExtension.requireGo();
        CommandLineClients clients = new CommandLineClients(Path.of("/dev/null"));

        // When
        String built = clients.run("kubectl kustomize " + FOLDER.toAbsolutePath());

        // Then
        Rendered rendered = new Rendered(Chart.objects(built));
        assertThat(rendered.objects())
                .allSatisfy(object -> assertThat(KubernetesModel.read(object)).isNotNull());
        ObjectNode settings = rendered.ofKind("ConfigMap")
                .filter(map -> Rendered.name(map).startsWith("natator-settings"))
                .findFirst()
                .orElseThrow();
        assertThat(settings.path("data"))
                .isEqualTo(new Rendered(Chart.objects(Chart.manifest(VALUES)))
                        .object("ConfigMap", "natator-settings")
                        .path("data"));
        assertThat(Rendered.name(settings)).matches("natator-settings-[a-z0-9]{10}");
        assertThat(rendered.workloads())
                .hasSize(3)
                .allSatisfy(workload -> assertThat(Rendered.container(workload)
                                .findValue("configMapRef")
                                .path("name")
                                .asString())
                        .isEqualTo(Rendered.name(settings)));
        assertThat(Rendered.strings(
                        rendered.object("Namespace", "natator").path("metadata").path("labels")))
                .containsEntry("pod-security.kubernetes.io/enforce", "privileged");
    }

    /** The chart's objects, without Helm's labels and without the ConfigMap of settings, which Kustomize generates. */
    private static String rendered() {
        String manifest = Chart.helm()
                .template()
                .withName("natator")
                .withNamespace("natator")
                .withKubeVersion(Chart.KUBERNETES)
                .withValuesFile(VALUES)
                .call();
        return Stream.of(manifest.split("(?m)^---$"))
                .filter(document -> !document.contains("\nkind: ConfigMap\nmetadata:\n  name: natator-settings\n"))
                .collect(Collectors.joining("---"))
                .lines()
                .filter(line -> !line.startsWith("# Source: "))
                .filter(line -> !line.strip().startsWith("helm.sh/chart: "))
                .filter(line -> !line.strip().equals("app.kubernetes.io/managed-by: Helm"))
                .filter(line -> !line.isBlank())
                .collect(Collectors.joining(
                        "\n", "# Rendered from deploy/helm/natator with values.yaml; not for editing.\n", "\n"));
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
