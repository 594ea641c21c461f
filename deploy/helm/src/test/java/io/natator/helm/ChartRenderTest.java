package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ChartRenderTest {
    @Test
    void passesStrictLint() {
        // When
        var result = Chart.helm().lint().strict().call();

        // Then
        assertThat(result.isFailed())
                .as(() -> String.join("\n", result.getMessages()))
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Chart#valuesFiles")
    void rendersOnlyFieldsThatKubernetesKnows(String valuesFile) {
        // When
        List<ObjectNode> objects = Chart.objects(Chart.manifest(valuesFile));

        // Then
        assertThat(objects).isNotEmpty();
        assertThat(objects)
                .allSatisfy(object -> assertThat(KubernetesModel.read(object))
                        .as(() -> Rendered.id(object))
                        .isNotNull());
    }

    @ParameterizedTest
    @MethodSource("io.natator.helm.Chart#valuesFiles")
    void rendersEachObjectOnceWithAValidName(String valuesFile) {
        // When
        Rendered rendered = Chart.render(valuesFile);

        // Then
        assertThat(rendered.objects().stream().map(Rendered::id)).doesNotHaveDuplicates();
        assertThat(rendered.objects())
                .allSatisfy(object -> assertThat(Rendered.name(object))
                        .hasSizeLessThanOrEqualTo(63)
                        .matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?"));
        assertThat(rendered.objects())
                .filteredOn(object -> !Rendered.kind(object).startsWith("ClusterRole"))
                .allSatisfy(object -> assertThat(
                                object.path("metadata").path("namespace").asString(""))
                        .as(() -> Rendered.id(object))
                        .isNotEmpty());
    }

    @Test
    void findsAnUnknownField() {
        // Given
        ObjectNode daemonSet =
                Chart.render("minimal.yaml").workload("collector").deepCopy();
        ((ObjectNode) Rendered.container(daemonSet)).put("readinessprobe", "misspelt");

        // When
        var read = assertThatThrownBy(() -> KubernetesModel.read(daemonSet));

        // Then
        read.isInstanceOf(JacksonException.class).hasMessageContaining("readinessprobe");
    }

    @Test
    void givesEveryObjectTheCommonLabels() {
        // When
        List<ObjectNode> objects = Chart.render("everything.yaml").objects();

        // Then
        assertThat(objects)
                .allSatisfy(object -> assertThat(
                                Rendered.strings(object.path("metadata").path("labels")))
                        .containsEntry("team", "platform")
                        .containsEntry("app.kubernetes.io/name", "swimmer")
                        .containsEntry("app.kubernetes.io/instance", "natator"));
    }

    @Test
    void rendersTheConfiguredImages() {
        // When
        Rendered rendered = Chart.render("everything.yaml");

        // Then
        assertThat(image(rendered, "collector")).startsWith("registry.example/natator/collector@sha256:0123");
        assertThat(image(rendered, "enricher")).isEqualTo("registry.example/natator/enricher:1.2.4");
        assertThat(image(rendered, "topology")).isEqualTo("registry.example/natator/topology-streams:1.2.3");
    }

    /**
     * The state must be in a folder below the volume's root, because Kafka Streams sets the permissions of its folder.
     * Only the owner of a folder is allowed to do that, and a volume's root belongs to user 0.
     */
    @Test
    void topologyStoresItsStateInAFolderOfItsVolume() {
        // When
        JsonNode container = Rendered.container(Chart.render("minimal.yaml").workload("topology"));

        // Then
        String volume = container
                .path("volumeMounts")
                .valueStream()
                .filter(mount -> mount.path("name").asString().equals("state"))
                .map(mount -> mount.path("mountPath").asString())
                .findFirst()
                .orElseThrow();
        assertThat(container.path("args").valueStream().map(JsonNode::asString))
                .contains("--state-dir=" + volume + "/streams");
    }

    @Test
    void notesDescribeTheNextSteps() {
        // When
        String notes = Chart.helm()
                .install()
                .withName("natator")
                .withNamespace("net")
                .withKubeVersion(Chart.KUBERNETES)
                .withValuesFile(Chart.VALUES.resolve("strimzi.yaml"))
                .clientOnly()
                .dryRun()
                .call()
                .getOutput();

        // Then
        assertThat(notes).contains("kubectl -n net port-forward svc/natator-topology 7117:7117");
    }

    private static String image(Rendered rendered, String component) {
        JsonNode container = Rendered.container(rendered.workload(component));
        return container.path("image").asString();
    }
}
