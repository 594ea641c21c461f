package io.natator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpServiceTest {
    private Optional<String> hindrance = Optional.empty();
    private HttpService service;

    @BeforeEach
    void start() throws IOException {
        service = new HttpService(HttpSettings.open("127.0.0.1", 0))
                .open("/readyz", Answers.health(() -> hindrance))
                .guarded("/metrics", exchange -> Answers.text(exchange, 200, "a_metric 1"))
                .guarded("/broken", exchange -> {
                    throw new IllegalStateException("broken on purpose");
                })
                .start();
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @Test
    void healthIsOneLine() throws Exception {
        assertThat(TestClient.get(service, "/readyz").body()).isEqualTo("ok\n");

        hindrance = Optional.of("waiting for Kafka");
        HttpResponse<String> waiting = TestClient.get(service, "/readyz");
        assertThat(waiting.statusCode()).isEqualTo(503);
        assertThat(waiting.body()).isEqualTo("waiting for Kafka\n");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /metrics, 200",
        "HEAD, /metrics, 200",
        "POST, /metrics, 405",
        "DELETE, /metrics, 405",
        "GET, /, 404",
        "GET, /metrics/, 404",
        "GET, /broken, 500"
    })
    void allowsOnlyReadsOfKnownPaths(String method, String path, int status) throws Exception {
        try (Socket socket = connect()) {
            send(socket, method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 " + status);
            assertThat(answer).doesNotContain("broken on purpose");
        }
    }

    @Test
    void namesAPortThatIsTaken() {
        assertThatThrownBy(() -> new HttpService(HttpSettings.open("127.0.0.1", service.port())))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot listen on 127.0.0.1:" + service.port() + ": Address already in use:"
                        + " free the port, or choose another with --http-address and --http-port (0 for any)");
    }

    /**
     * The build runs the tests of this module with {@code sun.net.httpserver.maxReqTime} = 2 s, so a slow request is
     * disconnected soon.
     */
    @Test
    void disconnectsAClientThatDoesNotCompleteItsRequest() throws Exception {
        try (Socket socket = connect()) {
            socket.setSoTimeout((int) Duration.ofSeconds(30).toMillis());
            send(socket, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
    }

    /** The response takes 3 s, which is longer than the 2 s within which a request has to arrive. */
    @Test
    void allowsSlowResponses() throws Exception {
        // Given
        var never = new CountDownLatch(1);
        try (HttpService streaming = new HttpService(HttpSettings.open("127.0.0.1", 0))
                .guarded("/stream", exchange -> {
                    try (exchange) {
                        exchange.sendResponseHeaders(200, 0);
                        for (int i = 0; i < 3; i++) {
                            exchange.getResponseBody().write("tick\n".getBytes(StandardCharsets.UTF_8));
                            exchange.getResponseBody().flush();
                            never.await(1, TimeUnit.SECONDS);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })
                .start()) {
            // When
            String body = TestClient.get(streaming, "/stream").body();
            // Then
            assertThat(body).isEqualTo("tick\ntick\ntick\n");
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getByName("127.0.0.1"), service.port());
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }
}
