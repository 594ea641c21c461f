package io.natator.collector;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** {@code /metrics}, {@code /healthz} and {@code /readyz}. */
final class CollectorHttp implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Listens at once, and answers from {@link #start} on.
     *
     * @param port 0 for any that is free
     * @throws CollectorStartException if it cannot listen there
     */
    CollectorHttp(String address, int port) throws CollectorStartException {
        try {
            server = HttpServer.create(new InetSocketAddress(address, port), 0);
        } catch (IOException | RuntimeException e) {
            threads.close();
            throw new CollectorStartException(
                    "cannot listen on " + address + ":" + port + ": " + reason(e)
                            + ": free the port, or choose another with --http-port (0 for any)",
                    e);
        }
        server.setExecutor(threads);
    }

    private static String reason(Exception failure) {
        return failure instanceof java.nio.channels.UnresolvedAddressException
                ? "the address is unknown"
                : String.valueOf(failure.getMessage());
    }

    /**
     * Begins to answer.
     *
     * @param unhealthy why the collector is not healthy, empty where it is
     * @param notReady why it is not ready, empty where it is
     */
    void start(PrometheusRegistry registry, Supplier<Optional<String>> unhealthy, Supplier<Optional<String>> notReady) {
        server.createContext("/metrics", new MetricsHandler(registry));
        server.createContext("/healthz", exchange -> answer(exchange, unhealthy.get()));
        server.createContext("/readyz", exchange -> answer(exchange, notReady.get()));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, Optional<String> problem) throws IOException {
        try (exchange) {
            byte[] body = (problem.orElse("ok") + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(problem.isEmpty() ? 200 : 503, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
