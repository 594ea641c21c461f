package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.bpf.BpfFileSystem;
import io.natator.http.FreePort;
import io.natator.http.HttpSettings;
import io.natator.http.PeerClient;
import io.natator.http.pki.TestAuthority;
import io.natator.local.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the services with secrets of each kind and the most detailed log level. Tests that no log contains a secret. */
class SecretsTest {
    private static final String TOKEN = "token-that-must-stay-secret";
    private static final String PASSWORD = "password-that-must-stay-secret";
    private static final String GUESS = "guess-of-a-token-by-someone";

    @TempDir
    static Path folder;

    private static HttpSettings http;

    @BeforeAll
    static void configure() throws Exception {
        TestAuthority authority = TestAuthority.in(folder.resolve("authority"));
        TestAuthority.Issued issued = authority.issue("service", "dns:localhost", "ip:127.0.0.1");
        http = new HttpSettings(
                "127.0.0.1",
                0,
                Optional.of(new HttpSettings.Tls(issued.certificate(), issued.key())),
                Optional.of(authority.certificate()),
                Optional.of(Files.writeString(folder.resolve("tokens"), TOKEN)),
                List.of());
        Files.writeString(folder.resolve("kafka.properties"), """
                security.protocol=SASL_SSL
                sasl.mechanism=SCRAM-SHA-512
                sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="%s";
                ssl.keystore.type=PEM
                ssl.keystore.location=%s
                """.formatted(
                        PASSWORD,
                        Files.writeString(
                                folder.resolve("keystore.pem"),
                                Files.readString(issued.key()) + Files.readString(issued.certificate()))));
        Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: test
                clusters: [{name: test, cluster: {server: "http://127.0.0.1:9"}}]
                users: [{name: test, user: {token: %s}}]
                contexts: [{name: test, context: {cluster: test, user: test}}]
                """.formatted(PASSWORD));
        Files.writeString(folder.resolve("logback.xml"), """
                <configuration>
                  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
                    <encoder><pattern>%level %logger %msg %kvp%n</pattern></encoder>
                  </appender>
                  <root level="DEBUG"><appender-ref ref="console"/></root>
                </configuration>
                """);
        Files.writeString(
                folder.resolve("logging.properties"),
                "handlers=java.util.logging.ConsoleHandler\n.level=FINE\njava.util.logging.ConsoleHandler.level=FINE\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.natator.collector.CollectorMain",
                "io.natator.enricher.EnricherMain",
                "io.natator.topology.TopologyMain"
            })
    void areInNoLog(String main) throws Exception {
        // Given
        Path log = folder.resolve(main + ".log");
        int port = FreePort.find();
        try (var bpf = new BpfFileSystem();
                var client = new PeerClient(http, Duration.ofSeconds(10))) {
            try (ServiceProcess service = start(main, port, bpf.pins(), log)) {
                // When
                await(main + " responds")
                        .atMost(Duration.ofMinutes(2))
                        .ignoreExceptionsInstanceOf(IOException.class)
                        .until(() -> status(client, port, TOKEN) == 200);
                assertThat(status(client, port, GUESS)).isEqualTo(401);
            }
        }

        // Then
        String key = Files.readAllLines(http.tls().orElseThrow().key()).get(1);
        assertThat(Files.readString(log))
                .contains("DEBUG")
                .doesNotContain(TOKEN)
                .doesNotContain(PASSWORD)
                .doesNotContain(GUESS)
                .doesNotContain(key);
    }

    private static int status(PeerClient client, int port, String token) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/metrics"))
                .header("Authorization", "Bearer " + token)
                .build();
        return client.client()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static ServiceProcess start(String main, int port, Path pins, Path log) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "--bootstrap-servers=127.0.0.1:9",
                "--kafka-config=" + folder.resolve("kafka.properties"),
                "--http-address=127.0.0.1",
                "--http-port=" + port,
                "--http-tls-certificate=" + http.tls().orElseThrow().certificate(),
                "--http-tls-key=" + http.tls().orElseThrow().key(),
                "--http-client-ca=" + http.clientCa().orElseThrow(),
                "--http-token-file=" + http.tokenFile().orElseThrow()));
        if (main.contains("Collector")) {
            arguments.addAll(List.of("--pin-directory=" + pins, "--shutdown-timeout=1s"));
        } else if (main.contains("Enricher")) {
            arguments.add("--kubeconfig=" + folder.resolve("kubeconfig"));
        } else {
            arguments.add("--state-dir=" + folder.resolve("state"));
        }
        return ServiceProcess.start(
                List.of(
                        "-Dlogback.configurationFile=" + folder.resolve("logback.xml"),
                        "-Djava.util.logging.config.file=" + folder.resolve("logging.properties")),
                main,
                arguments,
                log);
    }
}
