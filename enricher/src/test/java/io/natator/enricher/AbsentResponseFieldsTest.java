package io.natator.enricher;

import static io.natator.enricher.KubernetesObjects.pod;
import static io.natator.enricher.KubernetesObjects.replicaSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.natator.enricher.cluster.ApiReader;
import io.natator.enricher.cluster.ClusterAccess;
import io.natator.enricher.cluster.ClusterConnection;
import io.natator.enricher.cluster.ClusterHealth;
import io.natator.enricher.cluster.ClusterListener;
import io.natator.enricher.cluster.ClusterWatch;
import io.natator.enricher.cluster.ControllerReader;
import io.natator.enricher.cluster.LeaderElection;
import io.natator.enricher.cluster.WatchStatistics;
import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.ControllerRequest;
import io.natator.enricher.ownership.OwnerReference;
import io.natator.enricher.ownership.ReconciledKind;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests responses of the API whose fields are absent or {@code null}: lists, events, look-ups, and the Lease. */
@Timeout(120)
class AbsentResponseFieldsTest {
    private static final List<String> COLLECTIONS = List.of(
            "/api/v1/nodes",
            "/api/v1/pods",
            "/api/v1/services",
            "/api/v1/replicationcontrollers",
            "/apis/apps/v1/replicasets",
            "/apis/apps/v1/deployments",
            "/apis/apps/v1/statefulsets",
            "/apis/apps/v1/daemonsets",
            "/apis/batch/v1/jobs",
            "/apis/batch/v1/cronjobs",
            "/apis/discovery.k8s.io/v1/endpointslices");

    private final FakeApiServer api = new FakeApiServer();
    private final RecordedEvents events = new RecordedEvents();
    private ClusterConnection connection;
    private ApiReader reader;

    /** Records the reported objects and the results of look-ups. */
    private static final class RecordedEvents implements ClusterListener, ControllerReader.Listener {
        private final Queue<String> lines = new ConcurrentLinkedQueue<>();

        @Override
        public void onObject(ClusterObject object) {
            lines.add("object " + object.getClass().getSimpleName());
        }

        @Override
        public void onDeleted(String uid) {
            lines.add("deleted");
        }

        @Override
        public void onMissing(String uid) {
            lines.add("missing");
        }

        @Override
        public void onListed(ReconciledKind kind) {
            lines.add("listed " + kind);
        }

        @Override
        public void onControllerFound(ClusterObject.Controller controller) {
            lines.add("found " + controller.ref().getName() + " below " + controller.controller());
        }

        @Override
        public void onControllerAbsent(String controllerUid) {
            lines.add("absent");
        }

        @Override
        public void onControllerUnreadable(String controllerUid) {
            lines.add("unreadable");
        }
    }

    @BeforeEach
    void connect() {
        connection = ClusterAccess.connect(api.access());
        reader = new ApiReader(connection);
    }

    @AfterEach
    void close() {
        reader.close();
        connection.close();
        api.close();
    }

    private ClusterWatch watch() {
        var watch = new ClusterWatch(
                reader,
                new ClusterWatch.Scope(List.of(), 100, List.of()),
                events,
                new WatchStatistics(),
                InstantSource.system());
        watch.start();
        return watch;
    }

    private static void awaitReadable(ClusterWatch watch) {
        await().atMost(EnricherTest.PATIENCE)
                .untilAsserted(() -> assertThat(watch.health())
                        .extracting(ClusterHealth::unready, ClusterHealth::refused)
                        .containsExactly("", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":null}",
                "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[]}",
                "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[null]}",
                "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{}]}",
                "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{\"metadata\":null}]}",
                "{\"metadata\":{\"resourceVersion\":\"7\"}}",
                "{\"kind\":null,\"metadata\":{\"resourceVersion\":\"7\",\"continue\":null},\"items\":null}",
                "{\"metadata\":{\"resourceVersion\":null},\"items\":null}",
                "{\"metadata\":{},\"items\":null}",
                "{\"metadata\":null,\"items\":null}",
                "{\"items\":null}",
                "{}"
            })
    void readsAListWithAbsentFieldsAsEmpty(String list) {
        // Given
        COLLECTIONS.forEach(path -> api.respond(path, list));

        // When
        try (ClusterWatch watch = watch()) {
            // Then
            awaitReadable(watch);
            assertThat(events.lines)
                    .contains("listed NODE", "listed POD", "listed SERVICE", "listed ENDPOINT_SLICE")
                    .noneMatch(line -> line.startsWith("object"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"type\":null,\"object\":null}",
                "{\"type\":\"ADDED\"}",
                "{\"type\":\"ADDED\",\"object\":null}",
                "{\"type\":\"MODIFIED\",\"object\":{}}",
                "{\"type\":\"DELETED\",\"object\":{\"metadata\":null}}",
                "{\"type\":\"BOOKMARK\",\"object\":null}",
                "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":null}}",
                "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":null}}}",
                "{\"type\":\"ERROR\",\"object\":null}",
                "{\"type\":\"ERROR\",\"object\":{\"code\":null,\"message\":null}}"
            })
    void skipsAnEventWithAbsentFields(String event) {
        // Given
        try (ClusterWatch watch = watch()) {
            awaitReadable(watch);
            await().atMost(EnricherTest.PATIENCE).until(() -> api.watches("pods") == 1);

            // When
            api.sendEvent("pods", event);
            api.client().resource(pod("web", null, "10.0.0.1")).create();

            // Then
            await().atMost(EnricherTest.PATIENCE)
                    .untilAsserted(() -> assertThat(events.lines).contains("object Pod"));
        }
    }

    private OwnerReference createReplicaSet() {
        ReplicaSet created = api.client().resource(replicaSet("web-1", null)).create();
        return new OwnerReference(
                "apps/v1", "ReplicaSet", "web-1", created.getMetadata().getUid());
    }

    private void awaitResult(OwnerReference reference, String result) {
        try (var lookup = new ControllerReader(reader, List.of(), events)) {
            lookup.start(new ControllerRequest(reference, "shop"));
            await().atMost(EnricherTest.PATIENCE)
                    .untilAsserted(() -> assertThat(events.lines).containsExactly(result));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"metadata\":{\"name\":\"web-1\",\"uid\":\"UID\",\"ownerReferences\":null}}   | found web-1 below null",
                "{\"metadata\":{\"name\":\"web-1\",\"uid\":\"UID\",\"ownerReferences\":[null]}} | found web-1 below null",
                "{\"metadata\":{\"name\":\"web-1\",\"uid\":\"UID\",\"ownerReferences\":[{}]}}   | found web-1 below null",
                "{\"metadata\":{\"name\":\"web-1\",\"uid\":\"UID\",\"namespace\":null}}         | found web-1 below null",
                "{\"metadata\":{\"name\":null,\"uid\":\"UID\"}}                                 | absent",
                "{\"metadata\":{\"name\":\"web-1\",\"uid\":null}}                               | absent",
                "{\"metadata\":{}}                                                              | absent",
                "{\"metadata\":null}                                                            | absent",
                "{}                                                                             | absent",
            })
    void readsAControllerWithAbsentFields(String object, String result) {
        // Given
        OwnerReference reference = createReplicaSet();
        api.respond("/apis/apps/v1/namespaces/shop/replicasets/web-1", object.replace("UID", reference.uid()));

        // When and then
        awaitResult(reference, result);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"resources\":null}",
                "{\"resources\":[]}",
                "{\"resources\":[null]}",
                "{\"resources\":[{}]}",
                "{\"resources\":[{\"name\":null,\"kind\":\"Gang\"}]}",
                "{\"resources\":[{\"name\":\"gangs\",\"kind\":null}]}",
                "{}"
            })
    void reportsAKindMissingFromDiscoveryAsUnreadable(String group) {
        // Given
        api.respond("/apis/example.org/v1", group);

        // When and then
        awaitResult(new OwnerReference("example.org/v1", "Gang", "gang", "u1"), "unreadable");
    }

    @Test
    void readsAnAbsentNamespacedFieldOfDiscoveryAsFalse() {
        // Given
        api.respond("/apis/example.org/v1", "{\"resources\":[null,{\"name\":\"gangs\",\"kind\":\"Gang\"}]}");
        api.respond("/apis/example.org/v1/gangs/gang", "{\"metadata\":{\"name\":\"gang\",\"uid\":\"u1\"}}");

        // When and then
        awaitResult(new OwnerReference("example.org/v1", "Gang", "gang", "u1"), "found gang below null");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{}",
                "{\"holderIdentity\":null,\"leaseDurationSeconds\":null,\"acquireTime\":null,\"renewTime\":null,"
                        + "\"leaseTransitions\":null}",
                "{\"holderIdentity\":\"\",\"leaseDurationSeconds\":15}",
                "{\"holderIdentity\":\"other\",\"leaseDurationSeconds\":null,\"renewTime\":null}",
                "{\"holderIdentity\":\"other\",\"leaseDurationSeconds\":1}"
            })
    void takesOverALeaseWithAbsentFields(String spec) {
        // Given
        api.client()
                .resource(new GenericKubernetesResourceBuilder()
                        .withApiVersion("coordination.k8s.io/v1")
                        .withKind("Lease")
                        .withNewMetadata()
                        .withName("enricher")
                        .withNamespace("natator")
                        .endMetadata()
                        .withAdditionalProperties(Map.of())
                        .addToAdditionalProperties(
                                "spec",
                                tools.jackson.databind.json.JsonMapper.shared().readValue(spec, Object.class))
                        .build())
                .create();

        // When
        try (var election = new LeaderElection(
                connection, new LeaderElection.LeaseName("natator", "enricher"), "me", EnricherTest.QUICK, () -> {})) {
            election.start();

            // Then
            await().atMost(EnricherTest.PATIENCE).until(election::isLeading);
            assertThat(election.leader()).isEqualTo("me");
            assertThat(election.failure()).isEmpty();
        }
    }
}
