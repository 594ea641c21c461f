package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests credentials, TLS and outages with a fake registry, because a real one cannot be made to fail on demand. */
class RegistryClientTest {
    private static final String PASSWORD = "changeit";
    private static final Duration PATIENCE = Duration.ofMillis(50);

    @TempDir
    private Path directory;

    private FakeRegistry fake;

    /**
     * The fake registry sends the queued responses first. Afterwards, it answers every client that has the right
     * credentials with the schema {@code "long"}, for every id.
     */
    private static final class FakeRegistry implements AutoCloseable {
        private final HttpServer server;
        private final Queue<Integer> failures = new ArrayDeque<>();
        private String credentials = "";

        FakeRegistry(HttpServer server) {
            this.server = server;
            server.createContext("/schemas/ids/", this::answer);
            server.start();
        }

        private void answer(HttpExchange exchange) throws IOException {
            Integer failure = failures.poll();
            String given = exchange.getRequestHeaders().getFirst("Authorization");
            if (failure != null) {
                answer(exchange, failure, "");
            } else if (!credentials.equals(given == null ? "" : given)) {
                answer(exchange, 401, "{\"message\":\"who are you\"}");
            } else {
                answer(exchange, 200, "{\"schema\":\"\\\"long\\\"\"}");
            }
        }

        private static void answer(HttpExchange exchange, int status, String body) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        }

        int port() {
            return server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @BeforeEach
    void start() throws IOException {
        fake = new FakeRegistry(HttpServer.create(loopback(), 0));
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    @Test
    void credentialsAreSent() {
        // Given
        fake.credentials = "Bearer t0ken";
        Map<String, String> address = Map.of(RegistryConfig.URL, "http://localhost:" + fake.port());
        Map<String, String> known =
                Map.of(RegistryConfig.URL, "http://localhost:" + fake.port(), "bearer.auth.token", "t0ken");

        try (var stranger = new SchemaRegistry(RegistryConfig.of(address), PATIENCE);
                var friend = new SchemaRegistry(RegistryConfig.of(known), PATIENCE)) {
            // Then
            assertThatThrownBy(() -> stranger.schema(1))
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContaining("401 who are you");
            assertThat(friend.schema(1).getType()).isEqualTo(Schema.Type.LONG);
        }
    }

    @Test
    void retriesDuringAnOutageAndReportsIt() {
        try (var registry = new SchemaRegistry(
                        RegistryConfig.at("http://localhost:" + fake.port()), Duration.ofSeconds(30));
                var hasty = new SchemaRegistry(RegistryConfig.at("http://localhost:" + fake.port()), Duration.ZERO)) {
            // Given
            fake.failures.add(503);
            // Then
            assertThatThrownBy(() -> hasty.schema(1))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining("503");

            // Given
            fake.failures.add(503);
            // Then
            assertThat(registry.schema(1).getType()).isEqualTo(Schema.Type.LONG);
        }
    }

    @Test
    void usesTheNextAddressIfOneIsDead() {
        try (var registry = new SchemaRegistry(
                RegistryConfig.at("http://127.0.0.1:1,http://localhost:" + fake.port()), Duration.ZERO)) {
            assertThat(registry.schema(1).getType()).isEqualTo(Schema.Type.LONG);
        }
    }

    @Test
    void certificateIsCheckedAgainstTheTrustStore() throws Exception {
        // Given
        Path keys = directory.resolve("keys.p12");
        keytool(
                "-genkeypair",
                "-alias",
                "r",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-keystore",
                keys.toString(),
                "-storetype",
                "PKCS12");
        Path certificate = directory.resolve("trust.pem");
        keytool("-exportcert", "-rfc", "-alias", "r", "-keystore", keys.toString(), "-file", certificate.toString());
        var https = HttpsServer.create(loopback(), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
        try (var secure = new FakeRegistry(https)) {
            String url = "https://localhost:" + secure.port();
            Map<String, String> trusting = Map.of(
                    RegistryConfig.URL,
                    url,
                    "schema.registry.ssl.truststore.location",
                    certificate.toString(),
                    "schema.registry.ssl.truststore.type",
                    "PEM");

            try (var distrusting = new SchemaRegistry(RegistryConfig.at(url), PATIENCE);
                    var trusted = new SchemaRegistry(RegistryConfig.of(trusting), PATIENCE)) {
                // Then
                assertThat(trusted.schema(1).getType()).isEqualTo(Schema.Type.LONG);
                assertThatThrownBy(() -> distrusting.schema(1)).isInstanceOf(RegistryUnavailableException.class);
            }
        }
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static void keytool(String... arguments) throws Exception {
        var command = new java.util.ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(java.util.List.of(arguments));
        command.addAll(java.util.List.of("-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static SSLContext context(Path keys) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
