package io.natator.enricher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.natator.schemas.Identity;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Ownership;
import io.natator.schemas.PodRanges;
import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestClusterExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests with a real control plane how workloads are named, and what else is published about pods and Services. The
 * enricher is a separate process whose host names come from a file.
 */
@Timeout(240)
@ExtendWith({SharedBroker.class, TestClusterExtension.class})
class RealClusterNamesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String NAMESPACE = "names-" + UUID.randomUUID();
    private static final String GROUP = UUID.randomUUID() + ".example.org";
    private static final String PREFIX = UUID.randomUUID() + ".";

    @TempDir
    static Path folder;

    private static KubernetesClient client;
    private static TestBroker broker;
    private static Process enricher;

    @BeforeAll
    static void start(TestCluster cluster, TestBroker sharedBroker) throws Exception {
        broker = sharedBroker;
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(cluster.kubeconfig().toFile()))
                .build();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        for (String kind : List.of("Workflow", "SparkApplication")) {
            client.resource(KubernetesObjects.customResourceDefinition(GROUP, "v1", kind))
                    .create();
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(client.genericKubernetesResources(GROUP + "/v1", kind)
                                    .inNamespace(NAMESPACE)
                                    .list()
                                    .getItems())
                            .isEmpty());
        }
        Path hosts = Files.writeString(
                folder.resolve("hosts"), "198.51.100.7 lb-1.example.org.\n127.0.0.1 lb-1.example.org.\n");
        enricher = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Djdk.net.hosts.file=" + hosts,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.natator.enricher.EnricherMain",
                        "--bootstrap-servers=" + broker.bootstrapServers(),
                        "--topic-prefix=" + PREFIX,
                        "--partitions=1",
                        "--kubeconfig=" + cluster.kubeconfig(),
                        "--no-leader-election",
                        "--http-address=127.0.0.1",
                        "--http-port=0")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (enricher != null) {
            enricher.destroyForcibly().waitFor();
        }
        if (client != null) {
            client.namespaces().withName(NAMESPACE).delete();
            client.close();
        }
    }

    private static Pod pod(@Nullable HasMetadata owner, UnaryOperator<PodBuilder> details) {
        var builder = new PodBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withOwnerReferences(owner == null ? List.of() : List.of(KubernetesObjects.reference(owner)))
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("image")
                .endContainer()
                .endSpec();
        return client.resource(details.apply(builder).build()).create();
    }

    private static UnaryOperator<PodBuilder> generated(String prefix) {
        return builder -> builder.editMetadata().withGenerateName(prefix).endMetadata();
    }

    private static UnaryOperator<PodBuilder> named(String name, String... labels) {
        return builder -> {
            var metadata = builder.editMetadata().withName(name);
            for (int i = 0; i < labels.length; i += 2) {
                metadata.addToLabels(labels[i], labels[i + 1]);
            }
            return metadata.endMetadata();
        };
    }

    private static HasMetadata custom(String kind, String generateName, String name) {
        var resource = new GenericKubernetesResource();
        resource.setApiVersion(GROUP + "/v1");
        resource.setKind(kind);
        resource.setMetadata(new ObjectMeta());
        resource.getMetadata().setNamespace(NAMESPACE);
        if (name.isEmpty()) {
            resource.getMetadata().setGenerateName(generateName);
        } else {
            resource.getMetadata().setName(name);
        }
        return client.resource(resource).create();
    }

    private static Job job(String generateName, String name) {
        return client.resource(new JobBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withGenerateName(generateName.isEmpty() ? null : generateName)
                        .withName(name.isEmpty() ? null : name)
                        .endMetadata()
                        .withNewSpec()
                        .withNewTemplate()
                        .withNewSpec()
                        .withRestartPolicy("Never")
                        .addNewContainer()
                        .withName("c")
                        .withImage("image")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
    }

    private static Identity identity(Pod pod) {
        return broker.table(PREFIX).identity("pod/" + pod.getMetadata().getUid());
    }

    private static String workload(TestBroker.Table table, Pod pod) {
        ObjectRef workload = table.identity("pod/" + pod.getMetadata().getUid()).getWorkload();
        return workload.getKind() + " " + workload.getName();
    }

    private static void awaitWorkload(String expected, Pod... pods) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(NullPointerException.class)
                .untilAsserted(() -> {
                    TestBroker.Table table = broker.table(PREFIX);
                    assertThat(Arrays.stream(pods).map(pod -> workload(table, pod)))
                            .containsOnly(expected);
                });
    }

    private static List<Pod> podsOf(Job job) {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withLabel(
                        "batch.kubernetes.io/controller-uid", job.getMetadata().getUid())
                .list()
                .getItems();
    }

    @Test
    void oneOffPodsJobsAndWorkflowsAreGrouped() {
        // When
        Pod build = pod(null, generated("build-"));
        Pod nextBuild = pod(null, generated("build-"));
        Pod agent = pod(null, named("agent-1x2y", "app.kubernetes.io/name", "agent"));
        Pod nextAgent = pod(null, named("agent-3z4w", "app.kubernetes.io/name", "agent"));
        Pod alone = pod(null, named("alone", "app", "other"));
        Pod step = pod(custom("Workflow", "etl-", ""), named("step-1"));
        Pod nextStep = pod(custom("Workflow", "etl-", ""), named("step-2"));
        Pod ofNamed = pod(custom("Workflow", "", "nightly"), named("step-3", "app.kubernetes.io/name", "agent"));
        Job report = job("report-", "");
        Job nextReport = job("report-", "");
        Job migration = job("", "migration");

        // Then
        awaitWorkload("Pod build", build, nextBuild);
        awaitWorkload("Pod agent", agent, nextAgent);
        awaitWorkload("Pod alone", alone);
        awaitWorkload("Workflow etl", step, nextStep);
        awaitWorkload("Workflow nightly", ofNamed);
        assertThat(identity(step).getOwner().getName()).startsWith("etl-").hasSizeGreaterThan(4);
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(podsOf(report)).hasSize(1);
            assertThat(podsOf(nextReport)).hasSize(1);
            assertThat(podsOf(migration)).hasSize(1);
        });
        awaitWorkload(
                "Job report", podsOf(report).getFirst(), podsOf(nextReport).getFirst());
        awaitWorkload("Job migration", podsOf(migration).getFirst());
    }

    /** The driver's right to create pods makes it the owner of the executors. */
    @Test
    void executorsHaveTheWorkloadOfTheirDriver() {
        Pod driver = pod(custom("SparkApplication", "", "pi"), named("pi-driver"));
        Pod executor = pod(driver, named("pi-exec-1"));
        Pod bareDriver = pod(null, generated("adhoc-"));
        Pod bareExecutor = pod(bareDriver, named("adhoc-exec-1"));

        awaitWorkload("SparkApplication pi", driver, executor);
        awaitWorkload("Pod adhoc", bareDriver, bareExecutor);
    }

    @Test
    void podHasItsLabelsWithoutGeneratedOnesAndItsPorts() {
        // Given
        Pod web = pod(
                null,
                builder -> named(
                                "web",
                                "app",
                                "web",
                                "team",
                                "a",
                                "pod-template-hash",
                                "5d4f8c",
                                "controller-revision-hash",
                                "x")
                        .apply(builder)
                        .editSpec()
                        .editFirstContainer()
                        .addNewPort()
                        .withContainerPort(8080)
                        .withName("http")
                        .endPort()
                        .addNewPort()
                        .withContainerPort(53)
                        .withProtocol("UDP")
                        .endPort()
                        .endContainer()
                        .endSpec());
        awaitWorkload("Pod web", web);

        // Then
        assertThat(identity(web).getLabels()).isEqualTo(Map.of("app", "web", "team", "a"));
        assertThat(identity(web).getPorts()).isEqualTo(Map.of("udp/53", "", "tcp/8080", "http"));

        // When
        relabel(web, "pod-template-hash", "77aa");
        broker.awaitProgress(PREFIX);

        // Then
        assertThat(recordsOf(web)).isEqualTo(1);

        // When
        relabel(web, "team", "b");

        // Then
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(identity(web).getLabels()).containsEntry("team", "b"));
        assertThat(recordsOf(web)).isEqualTo(2);
    }

    private static void relabel(Pod pod, String label, String value) {
        client.pods()
                .inNamespace(NAMESPACE)
                .withName(pod.getMetadata().getName())
                .edit(found -> new PodBuilder(found)
                        .editMetadata()
                        .addToLabels(label, value)
                        .endMetadata()
                        .build());
    }

    private static long recordsOf(Pod pod) {
        return broker.changes(PREFIX).stream()
                .filter(record -> record.key().equals("pod/" + pod.getMetadata().getUid()))
                .count();
    }

    private static Service loadBalancer(String name, int port, @Nullable String address, @Nullable String hostName) {
        Service service = client.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .withNewSpec()
                        .withType("LoadBalancer")
                        .addNewPort()
                        .withName("p")
                        .withPort(port)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        return client.resource(service)
                .editStatus(found -> new ServiceBuilder(found)
                        .withNewStatus()
                        .withNewLoadBalancer()
                        .withIngress(new LoadBalancerIngressBuilder()
                                .withIp(address)
                                .withHostname(hostName)
                                .build())
                        .endLoadBalancer()
                        .endStatus()
                        .build());
    }

    private static List<String> presentOwners(String address) {
        return broker.table(PREFIX).owners(address).stream()
                .filter(owner -> owner.getUntil() == null)
                .map(Ownership::getIdentity)
                .map(owner -> owner.getName() + owner.getPorts().keySet())
                .toList();
    }

    @Test
    void servicesThatShareAnAddressAreBothItsOwners() {
        loadBalancer("mq", 1883, "192.0.2.240", null);
        loadBalancer("shop", 80, "192.0.2.240", null);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(presentOwners("192.0.2.240"))
                        .containsExactlyInAnyOrder("mq[tcp/1883]", "shop[tcp/80]"));
    }

    @Test
    void serviceOwnsTheAddressesOfItsLoadBalancersHostName() {
        loadBalancer("edge", 443, null, "lb-1.example.org");

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(presentOwners("198.51.100.7")).containsExactly("edge[tcp/443]"));
        assertThat(presentOwners("127.0.0.1")).isEmpty();
    }

    @Test
    void rangesOfPodAddressesArePublished() {
        String name = "node-" + UUID.randomUUID();
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withPodCIDR("2001:db8:77::/64")
                        .withPodCIDRs("2001:db8:77::/64")
                        .endSpec()
                        .build())
                .create();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(broker.table(PREFIX).byKey().get("pod-ranges"))
                        .isInstanceOfSatisfying(
                                PodRanges.class,
                                all -> assertThat(all.getRanges()).contains("2001:db8:77::/64")));
        client.nodes().withName(name).delete();
    }

    @Test
    void podOwnsTheAddressesOfFurtherInterfaces() {
        Pod multi = pod(
                null,
                builder -> named("multi")
                        .apply(builder)
                        .editMetadata()
                        .addToAnnotations("k8s.v1.cni.cncf.io/network-status", """
                        [{"name": "cbr0", "interface": "eth0", "ips": ["10.244.9.9"], "default": true},
                         {"name": "lan", "interface": "net1", "ips": ["172.29.0.5", "2001:db8::5"]}]""")
                        .endMetadata());

        await().atMost(PATIENCE).untilAsserted(() -> {
            TestBroker.Table table = broker.table(PREFIX);
            assertThat(table.owner("172.29.0.5")).isEqualTo("Pod " + NAMESPACE + "/multi");
            assertThat(table.owner("2001:db8::5")).isEqualTo("Pod " + NAMESPACE + "/multi");
        });
        assertThat(broker.table(PREFIX).owner("10.244.9.9")).isNull();
        assertThat(multi.getStatus().getPodIP()).isNull();
    }
}
