package io.natator.helm;

import static io.natator.local.PodSandboxes.ipv4;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.local.LocalConfigs;
import io.natator.local.LocalPipeline;
import io.natator.local.PodSandboxes;
import io.natator.local.Workloads;
import io.natator.testcluster.TestCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs the services with the traffic of a web shop in two zones. BPF runs in this kernel. Broker, collector, enricher,
 * topology and control plane are real. Processes in network namespaces exchange traffic until {@link #close}. {@link
 * RemoteCollector} adds connections to external addresses.
 */
final class Shop implements AutoCloseable {
    private static final String NODE_A = "shop-a";
    private static final String NODE_B = "shop-b";
    /**
     * The address of the first node. The server sees it as the client's address, because the router replaces the
     * client's address (masquerading).
     */
    private static final String NODE_A_ADDRESS = "10.77.2.1";

    private static final int SERVICE_PORT = 80;
    private static final int MAX_BYTES = 20_000;

    private final Workloads workloads;
    private final PodSandboxes sandboxes = new PodSandboxes();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final LocalPipeline pipeline;
    private @Nullable Thread customers;

    /** Starts the services and the traffic. The traffic continues until {@link #close}. */
    Shop(TestCluster cluster, Path folder) throws IOException {
        workloads = new Workloads(cluster, "shop");
        String host = InetAddress.getLocalHost().getHostName();
        workloads.addNode(NODE_A, "zone-1", host, NODE_A_ADDRESS);
        workloads.addNode(NODE_B, "zone-2", "somewhere-else", "192.168.77.2");
        pipeline = LocalPipeline.start(
                LocalConfigs.onFreePorts(
                        "--kafka-port=0",
                        "--data-directory=" + folder,
                        "--kubeconfig=" + cluster.kubeconfig(),
                        "--no-loopback"),
                line -> {});
        trade();
    }

    /** The targets to scrape, by job. */
    Map<String, String> targets() {
        return Map.of(
                "natator-topology", "localhost:" + pipeline.httpPort(),
                "natator-collector", "localhost:" + pipeline.collectorHttpPort(),
                "natator-enricher", "localhost:" + pipeline.enricherHttpPort().orElseThrow());
    }

    /** The metrics of all three services, in Prometheus' text format. */
    String exposition() throws IOException, InterruptedException {
        StringBuilder all = new StringBuilder();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (String target : targets().values()) {
                HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + target + "/metrics"))
                        .build();
                all.append(
                        http.send(request, HttpResponse.BodyHandlers.ofString()).body());
            }
        }
        return all.toString();
    }

    private void trade() {
        Pod webPod = workloads.run("web", NODE_A);
        Pod cartPod = workloads.run("cart", NODE_B);
        TrafficPeer web = sandboxes.startClient(webPod);
        TrafficPeer cart = sandboxes.startServer(cartPod);
        TrafficPeer sessions = sandboxes.startOnHostNetwork(workloads.runOnHostNetwork("sessions", NODE_A));
        int cartPort = cart.listen(ipv4(cartPod), true);
        int webPort = web.listen(ipv4(webPod), true);
        int sessionsPort = sessions.listen(NODE_A_ADDRESS, true);
        Service cartService = workloads.expose("cart", "cart-api", SERVICE_PORT, cartPort);
        sandboxes.forward(cartService, cartPod);
        var elsewhere = new RemoteCollector(pipeline.bootstrapServers(), NODE_B);
        customers = Thread.ofPlatform().name("customers").start(() -> {
            try (elsewhere) {
                for (long round = 0; !stop.await(300, TimeUnit.MILLISECONDS); round++) {
                    web.connectOrderly(ipv4(cartService), SERVICE_PORT, true, 100 * round, 4, 2, round, MAX_BYTES);
                    web.connectOrderly(NODE_A_ADDRESS, sessionsPort, true, 100 * round + 10, 2, 1, round, MAX_BYTES);
                    cart.connectOrderly(ipv4(webPod), webPort, true, 100 * round + 20, 2, 1, round, MAX_BYTES);
                    web.connectRefused(ipv4(cartPod), 9, true, 1);
                    cart.connectRefused(ipv4(webPod), 9, true, 1);
                    elsewhere.connectsToOutside(cartPod.getMetadata().getUid(), ipv4(cartPod), "203.0.113.7");
                    elsewhere.isConnectedFromOutside(webPod.getMetadata().getUid(), ipv4(webPod), "198.51.100.9");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() throws InterruptedException {
        stop.countDown();
        if (customers != null) {
            customers.join();
        }
        pipeline.close();
        sandboxes.close();
        workloads.close();
    }
}
