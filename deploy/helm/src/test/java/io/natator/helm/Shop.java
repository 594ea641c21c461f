package io.natator.helm;

import io.fabric8.kubernetes.api.model.Pod;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.local.LocalConfig;
import io.natator.local.LocalPipeline;
import io.natator.local.PodCgroups;
import io.natator.local.TestCluster;
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
 * The services themselves, on the traffic of a web shop in two zones: BPF in this kernel, a broker, collector, enricher and
 * topology, an API server double that describes this machine's cgroups as pods, and processes that talk between network
 * namespaces until it is closed. What is outside the cluster comes from {@link Elsewhere}.
 */
final class Shop implements AutoCloseable {
    private static final String NODE_A = "node-a";
    private static final String NODE_B = "node-b";
    /** The router's address, seen from the server: node-a's. */
    private static final String NODE_A_ADDRESS = "10.77.2.1";

    private static final String CART_SERVICE = "10.96.77.30";
    private static final int MAX_BYTES = 20_000;

    private final TestCluster cluster = new TestCluster();
    private final PodCgroups cgroups = new PodCgroups();
    private final TestNetwork network = TestNetwork.create();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final LocalPipeline pipeline;
    private @Nullable Thread customers;

    /** Starts all of it; the traffic goes on until {@link #close}. */
    Shop(Path folder) throws IOException {
        String host = InetAddress.getLocalHost().getHostName();
        cluster.addNode(NODE_A, "zone-1", host, NODE_A_ADDRESS);
        cluster.addNode(NODE_B, "zone-2", "somewhere-else", "192.168.77.2");
        pipeline = LocalPipeline.start(
                new LocalConfig(null, 0, folder, "natator.", 0, 0, 0, true, cluster.kubeconfig(folder), false),
                line -> {});
        trade();
    }

    /** What to scrape, by job. */
    Map<String, String> targets() {
        return Map.of(
                "natator-topology", "localhost:" + pipeline.httpPort(),
                "natator-collector", "localhost:" + pipeline.collectorHttpPort(),
                "natator-enricher", "localhost:" + pipeline.enricherHttpPort().orElseThrow());
    }

    /** All metrics of all three, in Prometheus' text format. */
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
        Pod webPod = cluster.addPodOf("web", NODE_A, TestNetwork.CLIENT_IPV4, TestNetwork.CLIENT_IPV6);
        Pod cartPod = cluster.addPodOf("cart", NODE_B, TestNetwork.SERVER_IPV4, TestNetwork.SERVER_IPV6);
        Pod sessionsPod = cluster.addHostNetworkPodOf("sessions", NODE_A, NODE_A_ADDRESS);
        cluster.addService("cart-api", CART_SERVICE);
        TrafficPeer web = start(network.client(), webPod);
        TrafficPeer cart = start(network.server(), cartPod);
        TrafficPeer sessions = start(network.router(), sessionsPod);
        int cartPort = cart.listen(TestNetwork.SERVER_IPV4, true);
        int webPort = web.listen(TestNetwork.CLIENT_IPV4, true);
        int sessionsPort = sessions.listen(NODE_A_ADDRESS, true);
        network.translate(CART_SERVICE, cartPort);
        var elsewhere = new Elsewhere(pipeline.bootstrapServers(), NODE_B);
        customers = Thread.ofPlatform().name("customers").start(() -> {
            try (elsewhere) {
                for (long round = 0; !stop.await(300, TimeUnit.MILLISECONDS); round++) {
                    web.connectOrderly(CART_SERVICE, cartPort, true, 100 * round, 4, 2, round, MAX_BYTES);
                    web.connectOrderly(NODE_A_ADDRESS, sessionsPort, true, 100 * round + 10, 2, 1, round, MAX_BYTES);
                    cart.connectOrderly(
                            TestNetwork.CLIENT_IPV4, webPort, true, 100 * round + 20, 2, 1, round, MAX_BYTES);
                    web.connectRefused(TestNetwork.SERVER_IPV4, 9, true, 1);
                    cart.connectRefused(TestNetwork.CLIENT_IPV4, 9, true, 1);
                    elsewhere.callsOutside(cartPod.getMetadata().getUid(), TestNetwork.SERVER_IPV4, "203.0.113.7");
                    elsewhere.isCalledFromOutside(
                            webPod.getMetadata().getUid(), TestNetwork.CLIENT_IPV4, "198.51.100.9");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private TrafficPeer start(String namespace, Pod pod) {
        TrafficPeer peer = network.start(namespace, "app");
        cgroups.enter(pod.getMetadata().getUid(), peer.pid());
        return peer;
    }

    @Override
    public void close() throws InterruptedException {
        stop.countDown();
        if (customers != null) {
            customers.join();
        }
        pipeline.close();
        network.close();
        cgroups.close();
        cluster.close();
    }
}
