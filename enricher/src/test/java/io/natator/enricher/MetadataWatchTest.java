package io.natator.enricher;

import static io.natator.enricher.KubernetesObjects.pod;
import static io.natator.enricher.KubernetesObjects.reference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Tests which requests the enricher sends to the API server. */
class MetadataWatchTest extends EnricherTest {
    private static final Pattern VERSION = Pattern.compile("[?&]resourceVersion=(\\d+)");

    private List<String> requests(String plural, boolean watches) {
        return api.requests().stream()
                .filter(request -> request.contains("/" + plural + "?"))
                .filter(request -> request.contains("watch=true") == watches)
                .toList();
    }

    private ReplicaSet replicaSet(String name) {
        return create(new ReplicaSetBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("shop")
                .endMetadata()
                .withNewSpec()
                .withReplicas(3)
                .endSpec()
                .build());
    }

    @Test
    void listsAndWatchesOnlyTheMetadataOfControllers() throws Exception {
        // Given
        startAndAwaitReady();
        await().atMost(PATIENCE).until(() -> api.watches("replicasets") == 1);

        // When
        ReplicaSet first = replicaSet("web-1");
        create(pod("web-1-x", first, "10.0.0.1"));

        // Then
        awaitTable(table -> assertThat(table.workload("10.0.0.1")).isEqualTo("ReplicaSet shop/web-1"));
        assertThat(requests("replicasets", false))
                .singleElement()
                .asString()
                .contains(" application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,");
        assertThat(requests("replicasets", true))
                .singleElement()
                .asString()
                .contains("allowWatchBookmarks=true")
                .contains(" application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,");

        // When
        first.getMetadata().setOwnerReferences(List.of(reference(replicaSet("above"))));
        api.client().resource(first).update();

        // Then
        awaitTable(table -> assertThat(table.workload("10.0.0.1")).isEqualTo("ReplicaSet shop/above"));
        assertThat(requests("replicasets", false)).hasSize(1);
    }

    @Test
    void resumesAQuietWatchFromItsLastBookmark() throws Exception {
        // Given
        EnricherApp app = startAndAwaitReady();
        await().atMost(PATIENCE).until(() -> api.watches("jobs") == 1 && api.watches("pods") == 1);
        create(pod("web", null, "10.0.0.1"));
        awaitTable(table -> assertThat(table.owner("10.0.0.1")).isEqualTo("Pod shop/web"));
        String version = api.client()
                .pods()
                .inNamespace("shop")
                .withName("web")
                .get()
                .getMetadata()
                .getResourceVersion();

        // When
        api.sendBookmark("jobs");
        api.endWatches("jobs");
        api.endWatches("pods");

        // Then
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(versionOf(requests("jobs", true).getLast())).isEqualTo(version);
            assertThat(versionOf(requests("pods", true).getLast())).isEqualTo(version);
        });
        assertThat(requests("jobs", false)).hasSize(1);
        assertThat(requests("pods", false)).hasSize(1);
        assertThat(app.metrics().scrape()).contains("natator_enricher_watch_resets_total{kind=\"Job\"} 0.0");
    }

    private static String versionOf(String request) {
        Matcher matcher = VERSION.matcher(request);
        return matcher.find() ? matcher.group(1) : "";
    }

    @Test
    void logsNothingWhenAWatchEndsNormally() throws Exception {
        // Given
        startAndAwaitReady();
        await().atMost(PATIENCE).until(() -> api.watches("pods") == 1);

        // When
        try (var lines = new LogLines("")) {
            api.endWatches("pods");
            create(pod("web", null, "10.0.0.1"));

            // Then
            awaitTable(table -> assertThat(table.owner("10.0.0.1")).isEqualTo("Pod shop/web"));
            assertThat(lines.all()).isEmpty();
        }
    }

    @Test
    void logsARejectedRequestNotAsAnUnreachableApiServer() throws Exception {
        // Given
        api.respond("/api/v1/services", 406);

        // When
        try (var lines = new LogLines()) {
            start(config());

            // Then
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(lines.warnings())
                            .singleElement()
                            .asString()
                            .contains("rejects a request as invalid", "resource=\"services\"", "HTTP status 406")
                            .doesNotContain("reach"));
        }
    }

    @Test
    void logsTheSourceOfCredentialsThatAreNotAccepted() throws Exception {
        // Given
        api.requireToken("another");

        // When
        try (var lines = new LogLines()) {
            EnricherApp app = start(config());

            // Then
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(get(app, "/readyz")).contains("Unauthorized (HTTP status 401)"));
            assertThat(lines.warnings())
                    .singleElement()
                    .asString()
                    .contains("does not accept the credentials", "credentials=\"no credentials\"");
        }
    }
}
