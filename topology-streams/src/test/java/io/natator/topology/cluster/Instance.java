package io.natator.topology.cluster;

import io.natator.http.FreePort;
import io.natator.topology.TopologyMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An instance of the topology that runs as a separate process. It can be restarted with the same state, port and
 * options.
 */
final class Instance implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path directory;
    private final List<String> arguments = new ArrayList<>();
    private final int port = FreePort.find();
    private JavaProcess process;

    /**
     * Starts an instance.
     *
     * @param directory directory for the state and the log of the instance
     * @param options options of the command, without the addresses and the state directory
     * @param clientSettings properties of the Kafka clients
     */
    Instance(Path directory, String bootstrapServers, List<String> options, Map<String, String> clientSettings) {
        this.directory = directory;
        arguments.addAll(List.of("--bootstrap-servers", bootstrapServers));
        arguments.addAll(List.of("--state-dir", directory.resolve("state").toString()));
        arguments.addAll(List.of("--http-address", "127.0.0.1", "--http-port", Integer.toString(port)));
        arguments.addAll(List.of("--kafka-config", clientConfig(clientSettings).toString()));
        arguments.addAll(List.of("--identities", "none"));
        arguments.addAll(options);
        process = launch();
    }

    private Path clientConfig(Map<String, String> settings) {
        try {
            Files.createDirectories(directory);
            return Files.write(
                    directory.resolve("client.properties"),
                    settings.entrySet().stream()
                            .map(setting -> setting.getKey() + "=" + setting.getValue())
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JavaProcess launch() {
        return JavaProcess.start(directory.resolve("log"), TopologyMain.class.getName(), arguments);
    }

    /** The address of the HTTP server, {@code host:port}. */
    String address() {
        return "127.0.0.1:" + port;
    }

    void kill() {
        process.kill();
    }

    void stop() {
        process.stop();
    }

    void startAgain() {
        process.close();
        process = launch();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The response to a GET request; empty if the instance does not answer. */
    Optional<HttpResponse<String>> get(String path) {
        try {
            return Optional.of(http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .timeout(TIMEOUT)
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The counters of links by name and labels; empty if the instance does not answer or has no links. */
    Map<String, Double> counters() {
        Map<String, Double> counters = new HashMap<>();
        get("/metrics")
                .ifPresent(answer -> answer.body()
                        .lines()
                        .filter(line -> line.startsWith("natator_link_"))
                        .forEach(line -> counters.put(
                                line.substring(0, line.lastIndexOf(' ')),
                                Double.parseDouble(line.substring(line.lastIndexOf(' '))))));
        return counters;
    }

    @Override
    public void close() {
        process.close();
    }
}
