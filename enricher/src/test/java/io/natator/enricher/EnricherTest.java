package io.natator.enricher;

import static io.natator.enricher.KubernetesObjects.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.natator.enricher.cluster.LeaderElection;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Base of tests of enrichers with a fake API server and a real broker. */
@Timeout(180)
@ExtendWith(SharedBroker.class)
abstract class EnricherTest {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final LeaderElection.Timing QUICK =
            new LeaderElection.Timing(Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofMillis(300));
    static TestBroker broker;

    final FakeApiServer api = new FakeApiServer();
    final String prefix = "t" + UUID.randomUUID() + ".";
    private final List<EnricherApp> apps = new ArrayList<>();

    @BeforeAll
    static void useBroker(TestBroker shared) {
        broker = shared;
    }

    @AfterEach
    void closeAll() {
        apps.forEach(EnricherApp::close);
        api.close();
    }

    EnricherConfig config() {
        return EnricherConfig.fromOptions(
                "--bootstrap-servers=" + broker.bootstrapServers(),
                "--topic-prefix=" + prefix,
                "--partitions=2",
                "--flush-interval=50ms",
                "--page-size=100",
                "--no-leader-election",
                "--lease=enricher",
                "--http-address=127.0.0.1",
                "--http-port=0");
    }

    EnricherApp start(EnricherConfig config) throws IOException {
        var app = new EnricherApp(config, api.access(), QUICK, InstantSource.system());
        apps.add(app);
        app.start();
        return app;
    }

    EnricherApp startAndAwaitReady() throws IOException {
        EnricherApp app = start(config());
        awaitReady(app);
        return app;
    }

    static void awaitReady(EnricherApp app) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(app, "/readyz")).isEqualTo("200 ready"));
    }

    static String get(EnricherApp app, String path) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.httpPort() + path))
                    .build();
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body().strip();
        }
    }

    void awaitTable(Consumer<TestBroker.Table> assertions) {
        await().atMost(PATIENCE).untilAsserted(() -> assertions.accept(broker.table(prefix)));
    }

    void setStatus(String name, String phase, String address) {
        Pod pod = api.client().pods().inNamespace("shop").withName(name).get();
        pod.setStatus(pod(name, null, address).getStatus());
        pod.getStatus().setPhase(phase);
        api.client().resource(pod).update();
    }

    <T extends HasMetadata> T create(T object) {
        return api.client().resource(object).create();
    }
}
