package io.natator.topology.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.http.HttpSettings;
import io.natator.http.PeerClient;
import io.natator.http.pki.TestAuthority;
import io.natator.http.pki.TestAuthority.Issued;
import io.natator.topology.TestBroker;
import io.natator.topology.TopologyApp;
import io.natator.topology.TopologyConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tests that two instances which share the partitions and require client certificates query each other: each one
 * answers for both.
 */
class FanOutTlsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private static TestBroker broker;

    @TempDir
    Path directory = Path.of("");

    @BeforeAll
    static void startBroker() throws Exception {
        broker = new TestBroker();
    }

    @AfterAll
    static void stopBroker() throws Exception {
        broker.close();
    }

    /**
     * Reads from each instance with a client certificate.
     *
     * @param readers which authority has issued the client's certificate: {@code own} is the authority that issued the
     *     instances' certificates, {@code another} is a different one
     */
    @ParameterizedTest
    @ValueSource(strings = {"own", "another"})
    void eachInstanceAnswersForBothInstances(String readers) throws Exception {
        // Given
        TestAuthority services = TestAuthority.in(directory.resolve("services"));
        TestAuthority clients = readers.equals("own") ? services : TestAuthority.in(directory.resolve("clients"));
        HttpSettings settings = settings(services.issue("natator-topology", "ip:127.0.0.1"), clients);
        // The reader trusts the authority that issued the instances' certificates, and presents a certificate of its
        // own.
        HttpSettings readerSettings = settings(clients.issue("reader"), services);
        String id = "tls-" + readers;
        try (var first = app("first", id, settings);
                var second = app("second", id, settings);
                var reader = new PeerClient(readerSettings, Duration.ofSeconds(10))) {
            first.start();
            second.start();
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(get(reader, first, "/readyz").body()).contains("no connection snapshot");
                assertThat(get(reader, second, "/readyz").body()).contains("no connection snapshot");
            });
            try (var traffic = new Traffic(broker.bootstrapServers(), id + ".", 50)) {
                // When
                traffic.grow(1_000);

                // Then
                for (TopologyApp app : List.of(first, second)) {
                    await().atMost(PATIENCE).untilAsserted(() -> {
                        JsonNode answer = JsonMapper.shared()
                                .readTree(get(reader, app, "/api/links").body());
                        assertThat(answer.path("complete").asBoolean())
                                .as(answer.toString())
                                .isTrue();
                        assertThat(answer.path("total").asLong()).isEqualTo(traffic.links());
                        assertThat(links(reader, app)).isPositive().isLessThan(traffic.links());
                    });
                }
            }
        }
    }

    private static HttpSettings settings(Issued certificate, TestAuthority clientCa) {
        return new HttpSettings(
                "127.0.0.1",
                0,
                Optional.of(new HttpSettings.Tls(certificate.certificate(), certificate.key())),
                Optional.of(clientCa.certificate()),
                Optional.empty(),
                List.of());
    }

    private TopologyApp app(String name, String id, HttpSettings http) {
        return new TopologyApp(TopologyConfig.fromOptions(
                "--bootstrap-servers=" + broker.bootstrapServers(),
                "--topic-prefix=" + id + ".",
                "--application-id=" + id,
                "--state-dir=" + directory.resolve(name),
                "--identities=none",
                "--threads=1",
                "--partitions=4",
                "--commit-interval=200ms",
                "--publish-interval=200ms",
                "--http-address=127.0.0.1",
                "--http-port=0",
                "--http-tls-certificate=" + http.tls().orElseThrow().certificate(),
                "--http-tls-key=" + http.tls().orElseThrow().key(),
                "--http-client-ca=" + http.clientCa().orElseThrow()));
    }

    /** The number of series of links that this instance exports. */
    private static long links(PeerClient reader, TopologyApp app) throws IOException, InterruptedException {
        return get(reader, app, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("natator_link_connections_total"))
                .count();
    }

    private static HttpResponse<String> get(PeerClient reader, TopologyApp app, String path)
            throws IOException, InterruptedException {
        URI uri = URI.create("https://127.0.0.1:" + app.httpPort() + path);
        HttpResponse<String> answer =
                reader.client().send(reader.request(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isNotEqualTo(401);
        return answer;
    }
}
