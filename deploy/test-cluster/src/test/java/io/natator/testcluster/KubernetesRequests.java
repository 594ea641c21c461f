package io.natator.testcluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Sends HTTP requests to the API server as an administrator. */
final class KubernetesRequests implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int FIRST_FAILURE = 400;

    private final TestCluster cluster;
    private final HttpClient client;

    KubernetesRequests(TestCluster cluster) {
        this.cluster = cluster;
        this.client = HttpClient.newBuilder()
                .sslContext(cluster.sslContext())
                .connectTimeout(TIMEOUT)
                .build();
    }

    void create(String path, String json) {
        send(
                request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)),
                BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    String get(String path) {
        return send(request(path), BodyHandlers.ofString(StandardCharsets.UTF_8))
                .body();
    }

    String getAs(String user, String path) {
        return send(request(path).header("Impersonate-User", user), BodyHandlers.ofString(StandardCharsets.UTF_8))
                .body();
    }

    /** Opens a watch and returns its first event. */
    String watch(String path) {
        try (var events = send(request(path), BodyHandlers.ofLines()).body()) {
            return events.findFirst().orElseThrow();
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(cluster.server() + path))
                .header("Authorization", "Bearer " + cluster.token())
                .timeout(TIMEOUT);
    }

    private <T> HttpResponse<T> send(HttpRequest.Builder request, BodyHandler<T> body) {
        try {
            HttpResponse<T> response = client.send(request.build(), body);
            if (response.statusCode() >= FIRST_FAILURE) {
                throw new IllegalStateException(response.statusCode() + ": " + response.body());
            }
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
