package io.natator.local;

import static io.natator.local.LinkAssertions.totalsOf;
import static io.natator.local.PodSandboxes.ipv4;
import static io.natator.local.PodSandboxes.ipv6;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.natator.bpf.BpfFileSystem;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.http.FreePort;
import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestClusterExtension;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests collector, enricher and topology-streams in separate processes, which are started as in their images, with a
 * real control plane and real traffic through a Service.
 */
@ExtendWith(TestClusterExtension.class)
class ServicesAsProcessesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int MAX_BYTES = 100_000;
    private static final long SEED = 20_261_130;
    private static final String NAMESPACE = "depot";
    private static final String CLIENT_NODE = "depot-a";
    private static final String SERVER_NODE = "depot-b";
    private static final int SERVICE_PORT = 8080;

    /** A connection that is open before and after the start of the enricher. */
    private static final long LONG_CONNECTION = 9_000;

    private static final Map<String, String> UNKNOWN_ENDS = Map.of(
            "client_name", "unknown", "client_kind", "unknown", "server_name", "unknown", "server_kind", "unknown");

    private static TestCluster cluster;
    private static Workloads workloads;

    @TempDir
    private Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<AutoCloseable> started = new ArrayList<>();
    private EmbeddedKafka kafka;
    private PodSandboxes sandboxes;

    @BeforeAll
    static void makeNodes(TestCluster shared) {
        cluster = shared;
        workloads = new Workloads(cluster, NAMESPACE);
        workloads.addNode(CLIENT_NODE, "zone-1", CLIENT_NODE, "10.77.2.1");
        workloads.addNode(SERVER_NODE, "zone-2", SERVER_NODE, "192.168.77.3");
    }

    @AfterAll
    static void removeNodes() {
        workloads.close();
    }

    @BeforeEach
    void startKafka() {
        kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
        sandboxes = new PodSandboxes();
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable process : started.reversed()) {
            process.close();
        }
        sandboxes.close();
        kafka.close();
        http.close();
        workloads.removeAll();
    }

    @Test
    void namesAndBytesAreRightIfServicesStartInOrder() throws Exception {
        // Given
        Service topology = startTopology();
        awaitReady(startEnricher());
        awaitReady(startCollector());
        TrafficPeer orders = sandboxes.startClient(workloads.run("orders", CLIENT_NODE));
        Pod stockPod = workloads.run("stock", SERVER_NODE);
        TrafficPeer stock = sandboxes.startServer(stockPod);
        int port = stock.listen("::", false);
        var service = workloads.expose("stock", "stock-api", SERVICE_PORT, port);
        sandboxes.forward(service, stockPod);

        // When
        orders.connect(ipv4(service), SERVICE_PORT, true, 0, 100, 4, SEED, MAX_BYTES);
        orders.connect(ipv6(service), SERVICE_PORT, false, 1_000, 100, 4, SEED + 1, MAX_BYTES);

        // Then
        LinkAssertions links = links(topology);
        TrafficTotals totals = totalsOf(orders, SERVICE_PORT);
        assertThat(TrafficTotals.ofServers(stock.results())).isEqualTo(totals);
        links.assertLink("orders", "stock", port, "depot/stock-api:" + SERVICE_PORT, totals);
        links.assertNoOther(port, totals);
    }

    @Test
    void trafficBeforeTheEnricherIsUnknownAndLaterTrafficHasTheRightNames() throws Exception {
        // Given connections that are opened before the enricher runs, so that they cannot be named yet
        Service topology = startTopology();
        awaitReady(startCollector());
        TrafficPeer returns = sandboxes.startClient(workloads.run("returns", CLIENT_NODE));
        Pod archivePod = workloads.run("archive", SERVER_NODE);
        TrafficPeer archive = sandboxes.startServer(archivePod);
        int port = archive.listen("::", false);
        var service = workloads.expose("archive", "archive-api", SERVICE_PORT, port);
        sandboxes.forward(service, archivePod);
        int earlyPort = archive.listen(ipv4(archivePod), true);
        int longPort = archive.listen(ipv4(archivePod), true);
        LinkAssertions links = links(topology);
        returns.connect(ipv4(archivePod), earlyPort, true, 0, 50, 4, SEED + 2, MAX_BYTES);
        returns.hold(ipv4(archivePod), longPort, true, LONG_CONNECTION, 1_000, 2_000);
        TrafficTotals early = totalsOf(returns, earlyPort);
        TrafficTotals longBefore = totalsOf(returns, longPort);
        links.assertScraped(UNKNOWN_ENDS, earlyPort, early);
        links.assertScraped(UNKNOWN_ENDS, longPort, longBefore);
        awaitReady(startEnricher());

        // When
        returns.connect(ipv4(service), SERVICE_PORT, true, 1_000, 100, 4, SEED + 3, MAX_BYTES);
        returns.connect(ipv6(service), SERVICE_PORT, false, 2_000, 100, 4, SEED + 4, MAX_BYTES);
        returns.sendMore(LONG_CONNECTION, 5_000);

        // Then later connections, and later growth, have the right names, and what was counted stays where it was
        TrafficTotals totals = totalsOf(returns, SERVICE_PORT);
        links.assertLink("returns", "archive", port, "depot/archive-api:" + SERVICE_PORT, totals);
        links.assertNoOther(port, totals);
        links.assertLink("returns", "archive", longPort, "", new TrafficTotals(5_000, 0, 0));
        links.assertScraped(UNKNOWN_ENDS, longPort, longBefore);
        links.assertNoOther(longPort, totalsOf(returns, longPort));
        links.assertScraped(UNKNOWN_ENDS, earlyPort, early);
        links.assertNoOther(earlyPort, early);
        returns.drop(LONG_CONNECTION);
        assertThat(TrafficTotals.ofServers(archive.results()))
                .isEqualTo(early.plus(totals).plus(totalsOf(returns, longPort)));
    }

    private Service startTopology() throws IOException {
        return start(
                "topology-streams",
                "io.natator.topology.TopologyMain",
                List.of("--state-dir=" + directory.resolve("state"), "--standby-replicas=0", "--settle-after=2s"));
    }

    private LinkAssertions links(Service topology) {
        return new LinkAssertions(new PipelineReader(topology.port(), kafka.bootstrapServers()), NAMESPACE);
    }

    private Service startEnricher() throws IOException {
        return start(
                "enricher",
                "io.natator.enricher.EnricherMain",
                List.of("--kubeconfig=" + cluster.kubeconfig(), "--leader-election=false"));
    }

    private Service startCollector() throws IOException {
        var bpf = new BpfFileSystem();
        started.add(bpf);
        return start(
                "collector",
                "io.natator.collector.CollectorMain",
                List.of("--pin-directory=" + bpf.pins(), "--node-name=" + CLIENT_NODE));
    }

    private Service start(String module, String main, List<String> further) throws IOException {
        int port = FreePort.find();
        List<String> arguments = new ArrayList<>(further);
        arguments.addAll(List.of(
                "--bootstrap-servers=" + kafka.bootstrapServers(), "--http-address=127.0.0.1", "--http-port=" + port));
        Path log = directory.resolve(module + ".log");
        started.add(
                ServiceProcess.start(List.of("@../../" + module + "/src/main/dist/jvm.options"), main, arguments, log));
        return new Service(module, port, log);
    }

    private void awaitReady(Service service) {
        await(service.module() + " is ready")
                .atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> {
                    HttpResponse<String> answer = http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + "/readyz"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
                    assertThat(answer.statusCode())
                            .as(() -> answer.body() + service.logged())
                            .isEqualTo(200);
                });
    }

    /** A running service, the port of its HTTP server, and the file of its output. */
    private record Service(String module, int port, Path log) {
        String logged() {
            try {
                return Files.readString(log);
            } catch (IOException e) {
                return "no log: " + e;
            }
        }
    }
}
