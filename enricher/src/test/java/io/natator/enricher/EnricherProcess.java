package io.natator.enricher;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * An enricher in a separate process, which can be killed and paused. The enricher takes part in an election with a
 * short Lease. {@link #close} kills the process.
 */
final class EnricherProcess implements AutoCloseable {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final Process process;
    private final Path log;

    EnricherProcess(String apiServer, String bootstrapServers, String prefix, Path log) throws IOException {
        this.log = log;
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EnricherProcess.class.getName(),
                        apiServer,
                        bootstrapServers,
                        prefix)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /**
     * Runs the enricher in the process.
     *
     * @param arguments the API server's URL, the bootstrap servers, and the prefix of the topic
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Config access = new ConfigBuilder(Config.empty())
                .withMasterUrl(arguments[0])
                .withNamespace("natator")
                .withWatchReconnectInterval(100)
                .build();
        EnricherConfig config = EnricherConfig.fromOptions(
                "--bootstrap-servers=" + arguments[1],
                "--topic-prefix=" + arguments[2],
                "--partitions=2",
                "--flush-interval=50ms",
                "--leader-election",
                "--lease=enricher",
                "--http-address=127.0.0.1",
                "--http-port=0");
        try (var app = new EnricherApp(config, access, EnricherTest.QUICK, InstantSource.system())) {
            app.start();
            System.out.println("serves on " + app.httpPort());
            app.await();
        }
    }

    /** Status and body of a response, or the reason why there is no response. */
    String get(String path) {
        Optional<String> port = output().stream()
                .filter(line -> line.startsWith("serves on "))
                .map(line -> line.substring("serves on ".length()))
                .findFirst();
        if (port.isEmpty()) {
            return "not started: " + output();
        }
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.get() + path))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body().strip();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        }
    }

    private List<String> output() {
        try {
            return Files.readAllLines(log);
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    /** Kills the process (SIGKILL). */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    /** Pauses the process (SIGSTOP). */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Continues the process after {@link #pause} (SIGCONT). */
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
