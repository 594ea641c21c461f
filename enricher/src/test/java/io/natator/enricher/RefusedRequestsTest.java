package io.natator.enricher;

import static io.natator.enricher.KubernetesObjects.customResourceDefinition;
import static io.natator.enricher.KubernetesObjects.deployment;
import static io.natator.enricher.KubernetesObjects.pod;
import static io.natator.enricher.KubernetesObjects.reference;
import static io.natator.enricher.KubernetesObjects.replicaSet;
import static io.natator.enricher.KubernetesObjects.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import org.junit.jupiter.api.Test;

/** Tests requests that the API server refuses: the enricher logs each refusal once and continues. */
class RefusedRequestsTest extends EnricherTest {
    @Test
    void resourceThatMayNotBeListedAffectsNoOther() throws Exception {
        // Given
        api.refuse("replicasets");
        api.refuse("services");
        ReplicaSet replicaSet = create(replicaSet("web-1", null));
        create(pod("web-1-x", replicaSet, "10.0.0.1"));
        create(service("api", "10.96.0.1"));

        // When
        try (var lines = new LogLines()) {
            EnricherApp app = start(config());

            // Then
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(get(app, "/readyz"))
                            .isEqualTo("200 ready, but may not list replicasets.apps, services"));
            assertThat(lines.warnings())
                    .filteredOn(line -> line.contains("replicasets.apps"))
                    .singleElement()
                    .asString()
                    .contains("verb=\"list\"")
                    .contains("grant the verbs list and watch");
        }
        assertThat(broker.table(prefix).workload("10.0.0.1")).isEqualTo("ReplicaSet shop/web-1");

        // When
        api.allow("services");

        // Then
        awaitTable(table -> assertThat(table.owner("10.96.0.1")).isEqualTo("Service shop/api"));
    }

    @Test
    void withoutTheRightToListPodsItIsNotReadyAndClosesNoSpan() throws Exception {
        // Given
        create(pod("web", null, "10.0.0.1"));
        startAndAwaitReady().close();
        api.refuse("pods");

        // When
        EnricherApp app = start(config());

        // Then
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(app, "/readyz")).startsWith("503 pods may not be listed"));
        assertThat(broker.table(prefix).owner("10.0.0.1")).isEqualTo("Pod shop/web");
    }

    @Test
    void resourceThatMayNotBeWatchedIsListedRepeatedly() throws Exception {
        // Given
        api.refuseWatches("pods");
        create(pod("goes", null, "10.0.0.1"));

        // When
        try (var lines = new LogLines()) {
            startAndAwaitReady();
            api.client().resource(pod("goes", null)).delete();
            create(pod("comes", null, "10.0.0.2"));
            create(service("api", "10.96.0.1"));

            // Then
            awaitTable(table -> {
                assertThat(table.owner("10.0.0.1")).isNull();
                assertThat(table.owner("10.0.0.2")).isEqualTo("Pod shop/comes");
                assertThat(table.owner("10.96.0.1")).isEqualTo("Service shop/api");
            });
            awaitLists("pods", 3);
            assertThat(lines.warnings())
                    .singleElement()
                    .asString()
                    .contains("verb=\"watch\"", "resource=\"pods\"", "grant the verbs list and watch");
            assertThat(lines.all()).noneMatch(line -> line.contains("answers again"));

            // When
            api.allow("pods");

            // Then
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(lines.all())
                            .filteredOn(line -> line.contains("answers again"))
                            .singleElement()
                            .asString()
                            .contains("resource=\"pods\""));
        }
        int lists = lists("pods");
        create(pod("later", null, "10.0.0.3"));
        awaitTable(table -> assertThat(table.owner("10.0.0.3")).isEqualTo("Pod shop/later"));
        assertThat(lists("pods")).isEqualTo(lists);
    }

    @Test
    void revokedRightToWatchIsLoggedAndNoEventIsLost() throws Exception {
        // Given
        create(pod("goes", null, "10.0.0.1"));
        EnricherApp app = startAndAwaitReady();

        // When
        try (var lines = new LogLines()) {
            api.refuseWatches("pods");
            api.endWatches("pods");
            api.client().resource(pod("goes", null)).delete();
            create(pod("comes", null, "10.0.0.1"));
            create(service("api", "10.96.0.1"));

            // Then
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(lines.warnings())
                            .singleElement()
                            .asString()
                            .contains("verb=\"watch\"", "resource=\"pods\"", "grant the verbs list and watch"));
            awaitTable(table -> {
                assertThat(table.owner("10.96.0.1")).isEqualTo("Service shop/api");
                assertThat(table.owner("10.0.0.1")).isEqualTo("Pod shop/comes");
                assertThat(table.owners("10.0.0.1"))
                        .extracting(owner -> owner.getIdentity().getName())
                        .containsExactly("goes", "comes");
            });
        }
        assertThat(get(app, "/readyz")).isEqualTo("200 ready");
    }

    private int lists(String plural) {
        return (int) api.requests().stream()
                .filter(request -> request.startsWith("GET /api/v1/" + plural + "?") && request.contains("limit="))
                .filter(request -> !request.contains("watch=true"))
                .count();
    }

    private void awaitLists(String plural, int count) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(lists(plural)).isGreaterThanOrEqualTo(count));
    }

    /** Creates a custom resource that controls pods, and whose own controller is a Deployment. */
    private GenericKubernetesResource gang() {
        create(customResourceDefinition("example.org", "v1", "Gang"));
        Deployment top = create(deployment("boss"));
        return create(new GenericKubernetesResourceBuilder()
                .withApiVersion("example.org/v1")
                .withKind("Gang")
                .withNewMetadata()
                .withName("gang")
                .withNamespace("shop")
                .withOwnerReferences(reference(top))
                .endMetadata()
                .build());
    }

    @Test
    void refusedDiscoveryMakesTheControllerTheWorkload() throws Exception {
        // Given
        create(pod("gang-1", gang(), "10.0.0.1"));
        create(pod("alone", null, "10.0.0.2"));
        api.respond("/apis/example.org/v1", 403);

        // When
        try (var lines = new LogLines()) {
            startAndAwaitReady();

            // Then
            assertThat(lines.warnings())
                    .singleElement()
                    .asString()
                    .contains("kind=\"example.org/v1/Gang\"", "verb=\"get\"", "grant the verb get");
        }
        TestBroker.Table table = broker.table(prefix);
        assertThat(table.workload("10.0.0.1")).isEqualTo("Gang shop/gang");
        assertThat(table.workload("10.0.0.2")).isEqualTo("Pod shop/alone");
    }

    @Test
    void controllerOfAnUnknownKindIsNamedByItsReference() throws Exception {
        // Given
        GenericKubernetesResource unknown = gang();
        unknown.setApiVersion("nowhere.example.org/v7");
        create(pod("group-1", unknown, "10.0.0.1"));
        unknown.setApiVersion("example.org/v1");
        unknown.setKind("Mob");
        unknown.getMetadata().setUid("another");
        create(pod("kind-1", unknown, "10.0.0.2"));

        // When
        startAndAwaitReady();

        // Then
        TestBroker.Table table = broker.table(prefix);
        assertThat(table.workload("10.0.0.1")).isEqualTo("Gang shop/gang");
        assertThat(table.workload("10.0.0.2")).isEqualTo("Mob shop/gang");
    }

    @Test
    void failedDiscoveryIsRetried() throws Exception {
        // Given
        create(pod("gang-1", gang(), "10.0.0.1"));
        api.respond("/apis/example.org/v1", 503);
        EnricherApp app = start(config());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(app, "/readyz")).startsWith("503 looking up the owners of 1 pods"));

        // When
        api.respondNormally("/apis/example.org/v1");

        // Then
        awaitReady(app);
        awaitTable(table -> assertThat(table.workload("10.0.0.1")).isEqualTo("Deployment shop/boss"));
    }
}
