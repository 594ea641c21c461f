package io.natator.enricher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.natator.enricher.ApiContract.Caller;
import io.natator.enricher.ApiContract.Case;
import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestClusterExtension;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that the fake API server responds like a real API server. */
@Timeout(240)
class ApiContractTest {
    private static final String NAMESPACE = "contract";
    private static final String PODS = "/api/v1/namespaces/contract/pods";
    private static final String REPLICA_SETS = "/apis/apps/v1/namespaces/contract/replicasets";

    private static List<Case> cases() {
        return Stream.of(
                        ApiContract.reads(REPLICA_SETS, PODS, "/api/v1/namespaces/contract/replicationcontrollers"),
                        ApiContract.watches(REPLICA_SETS, PODS),
                        ApiContract.others(REPLICA_SETS))
                .flatMap(List::stream)
                .toList();
    }

    /** @param permissions grants or revokes the rights of a caller before a request */
    private static ApiContract.Subject subject(
            HttpClient http, String url, String token, BiConsumer<HttpRequest.Builder, Caller> permissions) {
        return new ApiContract.Subject() {
            @Override
            public HttpClient http() {
                return http;
            }

            @Override
            public String url() {
                return url;
            }

            @Override
            public void authorize(HttpRequest.Builder request, Caller caller) {
                request.header("Authorization", "Bearer " + (caller == Caller.UNKNOWN ? "wrong" : token));
                permissions.accept(request, caller);
            }
        };
    }

    private static ReplicaSet replicaSet(String name) {
        return new ReplicaSetBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withReplicas(0)
                .withNewSelector()
                .addToMatchLabels("app", name)
                .endSelector()
                .withTemplate(KubernetesObjects.podTemplate(name))
                .endSpec()
                .build();
    }

    private static Pod pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withNodeName("nowhere")
                .addNewContainer()
                .withName("c")
                .withImage("image")
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase("Pending")
                .endStatus()
                .build();
    }

    /** Creates objects. Returns a resource version after which one pod and one ReplicaSet were changed once each. */
    private static String fill(KubernetesClient client, boolean hasControllers) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        List<HasMetadata> objects = List.of(replicaSet("web-1"), replicaSet("web-2"), pod("a"), pod("b"));
        // Retry: a pod needs the service account of its namespace, which the controller manager creates with a delay.
        objects.forEach(object -> await().atMost(EnricherTest.PATIENCE)
                .ignoreExceptions()
                .until(() -> client.resource(object).create() != null));
        if (hasControllers) {
            await().atMost(EnricherTest.PATIENCE)
                    .untilAsserted(() -> assertThat(client.apps()
                                    .replicaSets()
                                    .inNamespace(NAMESPACE)
                                    .list()
                                    .getItems())
                            .allMatch(replicaSet -> replicaSet.getStatus().getObservedGeneration() != null));
        }
        String version = label(client, "first");
        label(client, "second");
        return version;
    }

    /** Labels the pod, then the ReplicaSet. Returns the resource version of the pod. */
    private static String label(KubernetesClient client, String value) {
        ReplicaSet replicaSet = client.apps()
                .replicaSets()
                .inNamespace(NAMESPACE)
                .withName("web-1")
                .get();
        Pod pod = client.pods().inNamespace(NAMESPACE).withName("a").get();
        pod.getMetadata().setLabels(Map.of("at", value));
        replicaSet.getMetadata().setLabels(Map.of("at", value));
        client.resource(pod).update();
        return client.resource(replicaSet).update().getMetadata().getResourceVersion();
    }

    /**
     * Sends all requests and compares the responses.
     *
     * @param bookmark checks that bookmarks are sent; runs in parallel, because it takes seconds
     */
    private static void assertResponses(ApiContract.Subject subject, String version, Runnable bookmark)
            throws Exception {
        Map<Case, String> responses = new ConcurrentHashMap<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // Watches take seconds, so they run in parallel. Requests with other credentials change the rights in the
            // fake API server, so they run afterwards, one after the other.
            List<Future<?>> pending = new ArrayList<>(List.of(threads.submit(bookmark)));
            for (Case request : cases()) {
                if (request.caller() == Caller.ALLOWED) {
                    pending.add(threads.submit(
                            () -> responses.put(request, ApiContract.response(subject, request, version))));
                }
            }
            for (Future<?> each : pending) {
                each.get();
            }
        }
        for (Case request : cases()) {
            if (request.caller() != Caller.ALLOWED) {
                responses.put(request, ApiContract.response(subject, request, version));
            }
        }
        assertThat(cases().stream().map(request -> request + ": " + responses.get(request)))
                .containsExactlyElementsOf(cases().stream()
                        .map(request -> request + ": " + request.response())
                        .toList());
    }

    /**
     * Asserts that a watch receives a bookmark. The first watch lasts {@code seconds}. If it receives none, further and
     * longer watches follow, because a busy machine can be late.
     *
     * @param progress creates a resource version that is newer than the last event of the watch, because an API server
     *     sends a bookmark only then
     */
    private static void assertBookmark(ApiContract.Subject subject, String version, int seconds, Runnable progress) {
        var watches = new AtomicInteger();
        await("a bookmark").atMost(EnricherTest.PATIENCE).untilAsserted(() -> {
            progress.run();
            Case watch = ApiContract.bookmarkWatch(REPLICA_SETS, watches.getAndIncrement() == 0 ? seconds : 12);
            assertThat(ApiContract.fullResponse(subject, watch, version)).contains(ApiContract.METADATA_BOOKMARK);
        });
    }

    @Test
    @ExtendWith(TestClusterExtension.class)
    void realApiServerFulfilsTheContract(TestCluster cluster) throws Exception {
        // Given
        cluster.expireVersions();
        try (KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(Config.fromKubeconfig(cluster.kubeconfig().toFile()))
                        .build();
                HttpClient http =
                        HttpClient.newBuilder().sslContext(cluster.sslContext()).build()) {
            String version = fill(client, true);

            // When and then
            var subject = subject(http, cluster.server(), cluster.token(), (request, caller) -> {
                if (caller == Caller.FORBIDDEN) {
                    request.header("Impersonate-User", "nobody");
                }
            });
            assertResponses(subject, version, () -> assertBookmark(subject, version, 6, () -> changeOtherKind(client)));
        }
    }

    /**
     * Changes an object of another kind, then lists ReplicaSets. The list makes the API server ask etcd for the latest
     * version, which it then sends to watches of ReplicaSets in a bookmark.
     */
    private static void changeOtherKind(KubernetesClient client) {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withGenerateName("change-")
                        .endMetadata()
                        .build())
                .create();
        client.apps().replicaSets().inNamespace(NAMESPACE).list();
    }

    @Test
    void fakeApiServerFulfilsTheContract() throws Exception {
        // Given
        try (var api = new FakeApiServer();
                HttpClient http = HttpClient.newHttpClient()) {
            String version = fill(api.client(), false);
            api.requireToken("right");
            api.expireVersions("secrets");

            // When and then
            var subject = subject(http, api.url(), "right", (request, caller) -> {
                for (String plural : List.of("pods", "replicasets")) {
                    if (caller == Caller.FORBIDDEN) {
                        api.refuse(plural);
                        api.refuseGets(plural);
                    } else {
                        api.allow(plural);
                    }
                }
            });
            assertResponses(subject, version, () -> assertBookmark(subject, version, 3, () -> {}));
        }
    }
}
