package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.natator.bpf.BpfFileSystem;
import io.natator.collector.owner.CgroupMount;
import io.natator.local.Workloads;
import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestClusterExtension;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.Network;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs the images of the three services and a broker in containers, with the settings of the chart. Two more containers
 * exchange real traffic. A real control plane contains pods with the addresses of the two containers, so that Natator
 * has to report the traffic under the names of these pods.
 */
@ExtendWith(TestClusterExtension.class)
class ContainersTest {
    /**
     * The first bytes of the containers' addresses. They are random, so that two runs on one machine do not conflict.
     */
    private static final String SUBNET = "10.214." + ThreadLocalRandom.current().nextInt(256);

    private static final String NAMESPACE = "containers";
    private static final String NODE = "containers-a";
    /**
     * The name under which containers reach the API server. The API server listens on loopback only, so a proxy
     * forwards the connections. The API server's certificate contains the name.
     */
    private static final String API_NAME = "kubernetes";

    private static final String BROKER = SUBNET + ".10";
    /** The port of all test servers, which have different addresses. */
    private static final int PORT = 28_000;

    private static final int PROXIED_PORT = 19_092;
    private static final String CART = SUBNET + ".21";
    private static final Map<String, String> ADDRESSES =
            Map.of("collector", SUBNET + ".30", "enricher", SUBNET + ".31", "topology", SUBNET + ".32");

    /** Indexes of the columns in the line that a process prints about one of its connections. */
    private static final int WRITTEN = 7;

    private static final int READ = 8;

    @TempDir
    static Path folder;

    private static final List<String> containers = new ArrayList<>();
    private static final String run = UUID.randomUUID().toString().substring(0, 8);
    private static final HttpClient http = HttpClient.newHttpClient();
    private static DockerEngine engine;
    private static KafkaContainer kafka;
    private static TcpProxy proxy;
    private static Workloads workloads;
    private static TcpProxy api;
    private static BpfFileSystem bpf;

    @BeforeAll
    static void start(TestCluster cluster) throws IOException {
        engine = DockerEngine.start();
        bpf = new BpfFileSystem();
        engine.docker("network", "create", "--subnet=" + SUBNET + ".0/24", network());
        workloads = new Workloads(cluster, NAMESPACE);
        workloads.addNode(NODE, "zone-1", "somewhere", SUBNET + ".1");
        URI server = URI.create(cluster.server());
        api = new TcpProxy(SUBNET + ".1", new InetSocketAddress(server.getHost(), server.getPort()));
        proxy = new TcpProxy(SUBNET + ".1", new InetSocketAddress(BROKER, PROXIED_PORT));
        kafka = startKafka(proxy);
        Rendered rendered = new Rendered(Chart.objects(Chart.manifestOf("""
                kafka: {bootstrapServers: '%s', partitions: 2}
                image: {tag: latest}
                topology: {replicas: 1, standbyReplicas: 0, threads: 1}
                enricher: {options: {kubeconfig: /natator/kubeconfig, leader-election: false}}
                """.formatted(proxy.address()), folder)));
        Map<String, String> fields =
                Map.of("spec.nodeName", NODE, "metadata.name", "natator-topology-0", "metadata.namespace", "natator");
        Map<String, String> hostPaths = Map.of(
                "/sys/fs/cgroup",
                        CgroupMount.find(Path.of("/proc")).orElseThrow().toString(),
                "/sys/fs/bpf", Objects.requireNonNull(bpf.pins().getParent()).toString());
        Path kubeconfig = Files.writeString(
                folder.resolve("kubeconfig"),
                Files.readString(cluster.kubeconfig())
                        .replace(cluster.server(), "https://" + api.address().replace(SUBNET + ".1", API_NAME)));
        // The services run as users other than root, and must be able to read the file.
        Files.setPosixFilePermissions(kubeconfig, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String component : List.of("collector", "topology", "enricher")) {
            start(
                    component,
                    new PodContainer(rendered, component)
                            .arguments(
                                    fields,
                                    hostPaths,
                                    List.of(
                                            "--network=" + network(),
                                            "--ip=" + ADDRESSES.get(component),
                                            "--add-host=" + API_NAME + ":" + SUBNET + ".1",
                                            "--volume=" + folder + ":/natator:ro")));
        }
    }

    /** The broker advertises the proxy's address, so that the services connect to the broker only through the proxy. */
    private static KafkaContainer startKafka(TcpProxy proxy) {
        var broker = new KafkaContainer(
                        DockerImageName.parse("natator/broker").asCompatibleSubstituteFor("apache/kafka"))
                .withNetwork(new OwnNetwork(engine.docker("network", "inspect", "--format={{.Id}}", network())))
                .withListener(BROKER + ":" + PROXIED_PORT, proxy::address)
                .withCreateContainerCmdModifier(container -> container.withIpv4Address(BROKER));
        broker.start();
        return broker;
    }

    /** A network that this class creates and removes. */
    private record OwnNetwork(String id) implements Network {
        @Override
        public String getId() {
            return id;
        }

        @Override
        public void close() {}
    }

    private static String network() {
        return "natator-" + run;
    }

    private static void start(String name, List<String> arguments) {
        List<String> named = new ArrayList<>(arguments);
        named.add(1, "--name=" + name + "-" + run);
        containers.add(name + "-" + run);
        engine.docker(named.toArray(String[]::new));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (engine == null) {
            return;
        }
        containers.forEach(container -> engine.docker("rm", "--force", container));
        containers.clear();
        if (kafka != null) {
            kafka.close();
            proxy.close();
        }
        engine.docker("network", "rm", network());
        if (bpf != null) {
            bpf.close();
        }
        if (api != null) {
            api.close();
            workloads.close();
        }
    }

    @BeforeEach
    void areReady() {
        ready("collector", "http://" + ADDRESSES.get("collector") + ":7118/readyz");
        ready("topology", "http://" + ADDRESSES.get("topology") + ":7117/readyz");
        ready("enricher", "http://" + ADDRESSES.get("enricher") + ":7119/readyz");
    }

    @Test
    void nameTrafficBetweenContainers() throws Exception {
        // Given
        try (PeerContainer web = peer("web", SUBNET + ".20");
                PeerContainer cart = peer("cart", CART)) {
            cart.ask("listen 4 " + CART + " " + PORT);

            // When
            web.ask("orderly 4 " + CART + " " + PORT + " 0 50 2 4711 20000");

            // Then
            await("the link is known").atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
                JsonNode links = links("client=web&server=cart");
                assertThat(links.path("total").asInt()).isEqualTo(1);
                JsonNode link = links.path("links").path(0);
                assertThat(link.path("client").path("namespace").asString()).isEqualTo(NAMESPACE);
                assertThat(link.path("client").path("kind").asString()).isEqualTo("Deployment");
                assertThat(link.path("server").path("zone").asString()).isEqualTo("zone-1");
                assertThat(link.path("serverPort").asInt()).isEqualTo(PORT);
                assertThat(link.path("connectionsClosed").asInt()).isEqualTo(50);
            });
        }
    }

    @Test
    void topologyUsesAVolumeThatBelongsToItsGroup() {
        // When
        String log = engine.docker("logs", "topology-" + run);

        // Then
        assertThat(log).doesNotContain("Error changing permissions");
    }

    @Test
    void loseNothingWhenABrokerIsKilledStoppedUnreachableAndSlow() throws Exception {
        // Given
        String broker = kafka.getContainerId();
        try (PeerContainer shop = peer("shop", SUBNET + ".22");
                PeerContainer store = peer("store", SUBNET + ".23")) {
            String address = SUBNET + ".23 " + PORT;
            store.ask("listen 4 " + address);
            String connect = "orderly 4 " + address;
            shop.ask(connect + " 0 40 2 4712 20000");

            // When
            engine.docker("kill", broker);
            shop.ask(connect + " 1000 40 2 4713 20000");
            engine.docker("start", broker);
            shop.ask(connect + " 2000 40 2 4714 20000");
            engine.docker("pause", broker);
            shop.ask(connect + " 3000 40 2 4715 20000");
            engine.docker("unpause", broker);
            proxy.cutOff();
            shop.ask(connect + " 4000 40 2 4716 20000");
            await("a refused connection").until(() -> proxy.refused() > 0);
            proxy.restore();
            proxy.slowDown(Duration.ofMillis(100));
            shop.ask(connect + " 5000 40 2 4717 20000");

            // Then
            List<String[]> sent = shop.results();
            await("the link is exact").atMost(Duration.ofMinutes(3)).untilAsserted(() -> {
                JsonNode link = links("client=shop&server=store").path("links").path(0);
                assertThat(link.path("connectionsClosed").asInt()).isEqualTo(240);
                assertThat(link.path("bytesToServer").asLong()).isEqualTo(sum(sent, WRITTEN));
                assertThat(link.path("bytesToClient").asLong()).isEqualTo(sum(sent, READ));
            });
            assertThat(proxy.delayed()).isPositive();
        } finally {
            proxy.restore();
        }
    }

    private static long sum(List<String[]> results, int column) {
        return results.stream()
                .mapToLong(result -> Long.parseLong(result[column]))
                .sum();
    }

    /** Creates a pod of a Deployment, and starts a container with the pod's address in the pod's cgroup. */
    private static PeerContainer peer(String deployment, String address) throws IOException {
        Pod pod = workloads.runAt(deployment, NODE, address);
        String name = deployment + "-" + run;
        containers.add(name);
        Path classes = Path.of("../../bpf/target/test-classes").toAbsolutePath().normalize();
        return new PeerContainer(engine.dockerProcess(List.of(
                        "run",
                        "--interactive",
                        "--name=" + name,
                        "--network=" + network(),
                        "--ip=" + address,
                        "--cgroup-parent=/kubepods/pod" + pod.getMetadata().getUid(),
                        "--volume=" + classes + ":/traffic:ro",
                        "--entrypoint=/opt/java/bin/java",
                        "natator/collector",
                        "-cp",
                        "/traffic",
                        "io.natator.bpf.traffic.TrafficProcess",
                        "app"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    private static void ready(String component, String address) {
        await(component + " is ready")
                .atMost(Duration.ofMinutes(3))
                .conditionEvaluationListener(condition -> {
                    if (!condition.isSatisfied() && condition.getRemainingTimeInMS() < 1_000) {
                        System.err.println(engine.docker("logs", "--tail=20", component + "-" + run));
                    }
                })
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> {
                    HttpResponse<String> answer = get(address);
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                });
    }

    private static JsonNode links(String query) throws IOException, InterruptedException {
        return JsonMapper.shared()
                .readTree(get("http://" + ADDRESSES.get("topology") + ":7117/api/links?" + query)
                        .body());
    }

    private static HttpResponse<String> get(String address) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A process in a container that reads one command per line and prints one line of response. */
    private record PeerContainer(Process process, BufferedReader responses) implements AutoCloseable {
        PeerContainer(Process process) throws IOException {
            this(process, new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
            assertThat(responses.readLine()).isEqualTo("ready");
        }

        String ask(String question) throws IOException {
            process.getOutputStream().write((question + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            String answer = responses.readLine();
            assertThat(answer).as(question).startsWith("ok");
            return answer.substring("ok".length()).strip();
        }

        List<String[]> results() throws IOException {
            process.getOutputStream().write("results\n".getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            List<String[]> results = new ArrayList<>();
            for (String line = responses.readLine(); !line.equals("end"); line = responses.readLine()) {
                results.add(line.split(" "));
            }
            return results;
        }

        @Override
        public void close() throws IOException {
            process.getOutputStream().close();
        }
    }
}
