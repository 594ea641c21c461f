package io.natator.http.prometheus;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.natator.http.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs a Prometheus server that scrapes every second: Debian's {@code prometheus}, which deploy/local/verify installs.
 */
public final class Prometheus implements AutoCloseable {
    private static final int ATTEMPTS = 3;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final URI base;

    private Prometheus(Process process, int port) {
        this.process = process;
        this.base = URI.create("http://127.0.0.1:" + port + "/");
    }

    /**
     * Starts a Prometheus and returns when it responds.
     *
     * @param targets addresses to scrape, by the name of the job
     */
    public static Prometheus start(Path folder, Map<String, String> targets) throws IOException {
        String jobs = targets.entrySet().stream()
                .map(target -> "  - {job_name: %s, static_configs: [{targets: ['%s']}]}\n"
                        .formatted(target.getKey(), target.getValue()))
                .collect(Collectors.joining());
        Path config = Files.writeString(
                folder.resolve("prometheus.yml"),
                "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n" + jobs);
        Path log = folder.resolve("prometheus.log");
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Prometheus prometheus = launch(folder, config, log);
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> !prometheus.process.isAlive() || prometheus.isReady());
            if (prometheus.process.isAlive()) {
                return prometheus;
            }
            // Another process has bound the port in the meantime: try another port.
        }
        throw new AssertionError("Prometheus does not start:\n" + Files.readString(log));
    }

    private static Prometheus launch(Path folder, Path config, Path log) throws IOException {
        int port = FreePort.find();
        Process process = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new Prometheus(process, port);
    }

    private boolean isReady() {
        try {
            return http.send(HttpRequest.newBuilder(base.resolve("-/ready")).build(), BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /**
     * Runs a query and returns its series.
     *
     * @param range true for a range query over the last seconds, false for an instant query
     * @throws AssertionError if Prometheus refuses the query; the message is that of Prometheus
     */
    public JsonNode query(String expression, boolean range) {
        long now = Instant.now().getEpochSecond();
        String path = range
                ? "api/v1/query_range?start=%d&end=%d&step=1&query=".formatted(now - 5, now)
                : "api/v1/query?query=";
        JsonNode answer = ask(path + URLEncoder.encode(expression, UTF_8));
        if (!answer.path("status").asString().equals("success")) {
            throw new AssertionError(answer.path("error").asString() + ": " + expression);
        }
        return answer.path("data").path("result");
    }

    private JsonNode ask(String path) {
        try {
            String body = http.send(HttpRequest.newBuilder(base.resolve(path)).build(), BodyHandlers.ofString())
                    .body();
            return JsonMapper.shared().readTree(body);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
