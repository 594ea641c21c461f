package io.natator.enricher;

import static io.natator.enricher.KubernetesObjects.customResourceDefinition;
import static io.natator.enricher.KubernetesObjects.deployment;
import static io.natator.enricher.KubernetesObjects.node;
import static io.natator.enricher.KubernetesObjects.pod;
import static io.natator.enricher.KubernetesObjects.reference;
import static io.natator.enricher.KubernetesObjects.replicaSet;
import static io.natator.enricher.KubernetesObjects.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.ReplicationControllerBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.natator.enricher.cluster.ExclusionReason;
import io.natator.enricher.cluster.WatchedKind;
import io.natator.schemas.ClusterName;
import io.natator.schemas.Identity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Tests the enricher with a fake API server and a real broker. */
class EnricherAppTest extends EnricherTest {
    @Test
    void namesPodsByTheirTopControllers() throws Exception {
        // Given
        KubernetesClient client = api.client();
        client.resource(node("node-1", "eu-a", "192.168.0.1")).create();
        Deployment deployment = create(deployment("web"));
        ReplicaSet replicaSet = create(replicaSet("web-1", deployment));
        create(pod("web-1-x", replicaSet, "10.0.0.1", "fd00::1"));
        var cronJob = create(new CronJobBuilder()
                .withNewMetadata()
                .withName("report")
                .withNamespace("shop")
                .endMetadata()
                .build());
        var job = create(new JobBuilder()
                .withNewMetadata()
                .withName("report-17")
                .withNamespace("shop")
                .withOwnerReferences(reference(cronJob))
                .endMetadata()
                .build());
        create(pod("report-17-x", job, "10.0.0.2"));
        create(pod(
                "db-0",
                create(new StatefulSetBuilder()
                        .withNewMetadata()
                        .withName("db")
                        .withNamespace("shop")
                        .endMetadata()
                        .build()),
                "10.0.0.3"));
        create(pod(
                "agent-x",
                create(new DaemonSetBuilder()
                        .withNewMetadata()
                        .withName("agent")
                        .withNamespace("shop")
                        .endMetadata()
                        .build()),
                "10.0.0.4"));
        ReplicationController old = create(new ReplicationControllerBuilder()
                .withNewMetadata()
                .withName("old")
                .withNamespace("shop")
                .endMetadata()
                .build());
        create(pod("old-x", old, "10.0.0.5"));
        create(pod("rollout-1-x", rolloutReplicaSet(), "10.0.0.6"));
        create(pod("alone", null, "10.0.0.7"));

        // When
        startAndAwaitReady();

        // Then
        awaitTable(table -> {
            assertThat(table.workload("10.0.0.1")).isEqualTo("Deployment shop/web");
            assertThat(table.workload("fd00::1")).isEqualTo("Deployment shop/web");
            assertThat(table.workload("10.0.0.2")).isEqualTo("CronJob shop/report");
            assertThat(table.workload("10.0.0.3")).isEqualTo("StatefulSet shop/db");
            assertThat(table.workload("10.0.0.4")).isEqualTo("DaemonSet shop/agent");
            assertThat(table.workload("10.0.0.5")).isEqualTo("ReplicationController shop/old");
            assertThat(table.workload("10.0.0.6")).isEqualTo("Rollout shop/rollout");
            assertThat(table.workload("10.0.0.7")).isEqualTo("Pod shop/alone");
        });
        assertThat(api.requests())
                .filteredOn(request -> request.contains("/replicasets?"))
                .isNotEmpty()
                .allMatch(request -> request.contains("as=PartialObjectMetadata"));
    }

    /**
     * Creates a ReplicaSet whose controller is a custom resource. The enricher finds the path of the resource by the
     * discovery API.
     */
    private ReplicaSet rolloutReplicaSet() {
        create(customResourceDefinition("argoproj.io", "v1alpha1", "Rollout"));
        GenericKubernetesResource rollout = create(new GenericKubernetesResourceBuilder()
                .withApiVersion("argoproj.io/v1alpha1")
                .withKind("Rollout")
                .withNewMetadata()
                .withName("rollout")
                .withNamespace("shop")
                .endMetadata()
                .build());
        return create(replicaSet("rollout-1", rollout));
    }

    @Test
    void writesAnOwnerForEveryKindOfAddress() throws Exception {
        // Given
        create(node("node-1", "eu-a", "192.168.0.1", "fd00:1::1"));
        create(service("api", "10.96.0.1", "fd00:96::1"));
        create(service("headless", "None"));
        create(new ServiceBuilder(service("public", "10.96.0.2"))
                .editSpec()
                .withExternalIPs("198.51.100.7")
                .endSpec()
                .withNewStatus()
                .withNewLoadBalancer()
                .addNewIngress()
                .withIp("203.0.113.9")
                .endIngress()
                .endLoadBalancer()
                .endStatus()
                .build());
        create(new EndpointSliceBuilder()
                .withNewMetadata()
                .withName("database-1")
                .withNamespace("shop")
                .addToLabels("kubernetes.io/service-name", "database")
                .endMetadata()
                .withAddressType("IPv4")
                .addNewEndpoint()
                .withAddresses("10.9.9.9")
                .endEndpoint()
                .addNewEndpoint()
                .withAddresses("10.0.0.1")
                .withNewTargetRef()
                .withKind("Pod")
                .withName("web")
                .endTargetRef()
                .endEndpoint()
                .build());
        Pod host = pod("agent", null, "192.168.0.1");
        host.getSpec().setHostNetwork(true);
        String hostUid = create(host).getMetadata().getUid();
        String webUid = create(pod("web", null, "10.0.0.1")).getMetadata().getUid();

        // When
        startAndAwaitReady();

        // Then
        awaitTable(table -> {
            assertThat(table.owner("192.168.0.1")).isEqualTo("Node /node-1");
            assertThat(table.owner("fd00:1::1")).isEqualTo("Node /node-1");
            assertThat(table.owner("10.96.0.1")).isEqualTo("Service shop/api");
            assertThat(table.owner("fd00:96::1")).isEqualTo("Service shop/api");
            assertThat(table.owner("198.51.100.7")).isEqualTo("Service shop/public");
            assertThat(table.owner("203.0.113.9")).isEqualTo("Service shop/public");
            assertThat(table.owner("10.9.9.9")).isEqualTo("Service shop/database");
            assertThat(table.owner("10.0.0.1")).isEqualTo("Pod shop/web");
            assertThat(table.owners("10.0.0.1").getFirst().getFrom())
                    .isEqualTo(Instant.parse(KubernetesObjects.STARTED));
        });
        TestBroker.Table table = broker.table(prefix);
        assertThat(table.identity("pod/" + hostUid).getHostNetwork()).isTrue();
        Identity web = table.identity("pod/" + webUid);
        assertThat(web.getNode()).isEqualTo("node-1");
        assertThat(web.getZone()).isEqualTo("eu-a");
        assertThat(web.getRegion()).isEqualTo("eu");
        assertThat(table.identity("node/node-1")).isEqualTo(table.identity("node/node-1.example.org"));
    }

    @Test
    void followsAPodThroughItsLife() throws Exception {
        // Given
        startAndAwaitReady();

        // When
        create(pod("web", null));
        setStatus("web", "Running", "10.0.0.1");

        // Then
        awaitTable(table -> assertThat(table.owner("10.0.0.1")).isEqualTo("Pod shop/web"));

        // When
        setStatus("web", "Succeeded", "10.0.0.1");

        // Then
        awaitTable(table -> assertThat(table.owners("10.0.0.1"))
                .singleElement()
                .satisfies(owner -> assertThat(owner.getUntil()).isNotNull()));

        // When
        create(pod("next", null, "10.0.0.1"));

        // Then
        awaitTable(table -> assertThat(table.owner("10.0.0.1")).isEqualTo("Pod shop/next"));

        // When
        api.client().resource(pod("next", null)).delete();

        // Then
        awaitTable(table -> {
            assertThat(table.owner("10.0.0.1")).isNull();
            assertThat(table.owners("10.0.0.1"))
                    .extracting(owner -> owner.getIdentity().getName())
                    .containsExactly("web", "next");
        });
    }

    @Test
    void restartClosesSpansThatEndedInBetween() throws Exception {
        // Given
        create(pod("stays", null, "10.0.0.1"));
        create(pod("goes", null, "10.0.0.2"));
        create(service("api", "10.96.0.1"));
        EnricherApp app = startAndAwaitReady();
        broker.awaitProgress(prefix);
        app.close();
        Instant closed = Instant.now();
        int before = broker.changes(prefix).size();

        // When
        api.client().resource(pod("goes", null)).delete();
        api.client().resource(service("api", "10.96.0.1")).delete();
        startAndAwaitReady();

        // Then
        TestBroker.Table table = broker.table(prefix);
        assertThat(table.owner("10.0.0.1")).isEqualTo("Pod shop/stays");
        assertThat(table.owners("10.0.0.2"))
                .singleElement()
                .as("the pod may have released the address when nobody watched")
                .satisfies(owner -> assertThat(owner.getUntil()).isBefore(closed));
        assertThat(table.owner("10.96.0.1")).isNull();
        assertThat(broker.changes(prefix)).hasSize(before + 2);
    }

    @Test
    void listsAgainAfterAWatchExpiredAndLosesNothing() throws Exception {
        // Given
        create(pod("goes", null, "10.0.0.1"));
        Pod renewed = create(pod("renewed", null, "10.0.0.2"));
        EnricherApp app = startAndAwaitReady();

        // When
        api.interruptWatches("pods");
        api.client().resource(pod("goes", null)).delete();
        api.client().resource(renewed).delete();
        create(pod("renewed", null, "10.0.0.3"));
        create(pod("comes", null, "10.0.0.4"));
        api.expireVersions("pods");

        // Then
        awaitTable(table -> {
            assertThat(table.owner("10.0.0.1")).isNull();
            assertThat(table.owner("10.0.0.2")).isNull();
            assertThat(table.owner("10.0.0.3")).isEqualTo("Pod shop/renewed");
            assertThat(table.owner("10.0.0.4")).isEqualTo("Pod shop/comes");
        });
        assertThat(app.metrics().scrape()).contains("natator_enricher_watch_resets_total{kind=\"Pod\"} 1.0");
    }

    @Test
    void readsLongListsInPages() throws Exception {
        // Given
        for (int i = 0; i < 350; i++) {
            create(pod("p" + i, null, "10.1." + i / 250 + "." + (1 + i % 250)));
        }

        // When
        startAndAwaitReady();

        // Then
        assertThat(broker.table(prefix).byKey().keySet().stream().filter(key -> key.startsWith("ip/")))
                .hasSize(350);
        assertThat(api.requests())
                .filteredOn(request -> request.startsWith("GET /api/v1/pods?") && request.contains("limit=100"))
                .hasSize(4);
    }

    @Test
    void waitsForAnUnreachableApiServer() throws Exception {
        // Given
        create(pod("web", null, "10.0.0.1"));
        api.stop();
        EnricherApp app = start(config());
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(app, "/readyz")).startsWith("503 nodes not listed yet"));

        // When
        api.restart();

        // Then
        awaitReady(app);
        assertThat(broker.table(prefix).owner("10.0.0.1")).isEqualTo("Pod shop/web");

        // When
        api.stop();
        api.restart();
        create(pod("next", null, "10.0.0.2"));

        // Then
        awaitTable(table -> assertThat(table.owner("10.0.0.2")).isEqualTo("Pod shop/next"));
        assertThat(get(app, "/healthz")).isEqualTo("200 alive");
    }

    @Test
    void excludesAndCountsMalformedObjects() throws Exception {
        // Given
        api.addMalformedItem("pods", "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}");
        api.addMalformedItem(
                "pods",
                "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"x\",\"namespace\":\"shop\"}}");
        api.addMalformedItem(
                "pods",
                "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"no-status\",\"namespace\":\"shop\",\"uid\":\"u1\"}}");
        api.addMalformedItem("pods", """
                {"kind":"Pod","apiVersion":"v1","metadata":{"name":"odd","namespace":"shop","uid":"u2"},
                 "spec":{"nodeName":7,"hostNetwork":"maybe"},
                 "status":{"phase":[],"podIP":"10.0.0.300","podIPs":[null,{"ip":"127.0.0.1"},{"ip":"10.1"},{"ip":"10.0.0.9"}],
                           "startTime":"yesterday","conditions":{},"containerStatuses":[{"state":{"running":{"startedAt":"9999-01-01T00:00:00Z"}}}]}}
                """);
        api.addMalformedItem(
                "services",
                "{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"odd\",\"namespace\":\"shop\",\"uid\":\"u3\"},\"spec\":{\"clusterIPs\":\"10.96.0.9\",\"externalIPs\":[7,\"::\"]}}");
        create(pod("web", null, "10.0.0.1"));

        // When
        EnricherApp app = startAndAwaitReady();

        // Then
        TestBroker.Table table = broker.table(prefix);
        assertThat(table.owner("10.0.0.1")).isEqualTo("Pod shop/web");
        assertThat(table.owner("10.0.0.9")).isEqualTo("Pod shop/odd");
        assertThat(table.byKey().keySet())
                .filteredOn(key -> key.startsWith("ip/"))
                .hasSize(2);
        assertThat(table.identity("pod/u1").getName()).isEqualTo("no-status");
        assertThat(excluded(app, WatchedKind.POD, ExclusionReason.NAMELESS)).isEqualTo(2);
        assertThat(excluded(app, WatchedKind.POD, ExclusionReason.ADDRESS)).isEqualTo(3);
        assertThat(excluded(app, WatchedKind.POD, ExclusionReason.TIME)).isEqualTo(2);
        assertThat(excluded(app, WatchedKind.SERVICE, ExclusionReason.ADDRESS)).isEqualTo(2);

        // When
        api.sendEvent(
                "pods",
                "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"late\",\"namespace\":\"shop\",\"uid\":\"u4\",\"resourceVersion\":\"900\"},\"status\":{\"podIPs\":\"none\"}}}");
        api.sendEvent(
                "pods",
                "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Unheard\",\"apiVersion\":\"v9\",\"metadata\":{\"name\":\"u\",\"namespace\":\"shop\",\"uid\":\"u5\",\"resourceVersion\":\"901\"}}}");
        api.sendEvent("pods", "{\"type\":\"ADDED\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}}");
        create(pod("after", null, "10.0.0.2"));

        // Then
        awaitTable(later -> {
            assertThat(later.owner("10.0.0.2")).isEqualTo("Pod shop/after");
            assertThat(later.byKey()).containsKey("pod/u4");
        });
    }

    private static long excluded(EnricherApp app, WatchedKind kind, ExclusionReason reason) {
        return Math.round(app.metrics()
                .get("natator.enricher.set.aside")
                .tag("kind", kind.kind())
                .tag("reason", reason.name().toLowerCase(java.util.Locale.ROOT))
                .functionCounter()
                .count());
    }

    @Test
    void watchesOnlyTheConfiguredNamespaces() throws Exception {
        // Given
        create(pod("web", null, "10.0.0.1"));
        Pod other = pod("other", null, "10.0.0.2");
        other.getMetadata().setNamespace("elsewhere");
        create(other);
        create(node("node-1", "eu-a", "192.168.0.1"));

        // When
        awaitReady(start(config().withCluster(new EnricherConfig.Cluster(
                ClusterName.NONE, Optional.empty(), Optional.empty(), List.of("shop", "empty"), 100, List.of()))));

        // Then
        TestBroker.Table table = broker.table(prefix);
        assertThat(table.owner("10.0.0.1")).isEqualTo("Pod shop/web");
        assertThat(table.owner("10.0.0.2")).isNull();
        assertThat(table.owner("192.168.0.1")).isEqualTo("Node /node-1");
    }

    @Test
    void standbyTakesOverAndWritesNothingTwice() throws Exception {
        // Given
        create(pod("web", null, "10.0.0.1"));
        EnricherConfig elected =
                config().withElection(new EnricherConfig.Election(Optional.of(true), Optional.empty(), "enricher"));
        EnricherApp leader = start(elected);
        awaitReady(leader);
        EnricherApp standby = start(elected);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(standby, "/readyz")).startsWith("200 standing by"));
        assertThat(leader.metrics().scrape()).contains("natator_enricher_leader 1.0");
        assertThat(standby.metrics().scrape()).contains("natator_enricher_leader 0.0");

        // When
        leader.close();
        create(pod("next", null, "10.0.0.2"));

        // Then
        awaitReady(standby);
        awaitTable(table -> assertThat(table.owner("10.0.0.2")).isEqualTo("Pod shop/next"));
        assertThat(broker.changes(prefix)).extracting(ConsumerRecord::key).doesNotHaveDuplicates();
    }

    @Test
    void enricherWithoutElectionStopsWhenItIsDeposed() throws Exception {
        // Given two enrichers that write to the same topic
        create(pod("web", null, "10.0.0.1"));
        EnricherApp first = startAndAwaitReady();
        EnricherApp second = startAndAwaitReady();

        // When
        create(pod("next", null, "10.0.0.2"));

        // Then
        assertThat(first.await()).isFalse();
        assertThat(get(first, "/readyz")).startsWith("503 stopped: another enricher");
        assertThat(first.metrics().scrape()).contains("natator_enricher_deposed_total 1.0");
        awaitTable(table -> assertThat(table.owner("10.0.0.2")).isEqualTo("Pod shop/next"));
        assertThat(get(second, "/readyz")).isEqualTo("200 ready");
        assertThat(broker.changes(prefix)).extracting(ConsumerRecord::key).doesNotHaveDuplicates();
    }
}
