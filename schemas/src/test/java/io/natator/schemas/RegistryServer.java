package io.natator.schemas;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real schema registry in a separate process: Apicurio Registry, which has Confluent's API and stores its data in
 * memory. The build unpacks it to {@code schemas/target/registry}.
 */
public final class RegistryServer implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("Listening on: http://127\\.0\\.0\\.1:(\\d+)");
    private static final int START_SECONDS = 120;

    private final Process process;
    private final int port;

    private RegistryServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts a registry. The working directory of the caller must be {@code schemas} or a module next to it. */
    public static RegistryServer start() throws Exception {
        Path jar = Path.of("..", "schemas", "target", "registry", "quarkus-run.jar")
                .toAbsolutePath();
        if (!Files.exists(jar)) {
            throw new IOException(jar + " is missing: the build of schemas unpacks it (mvn -pl schemas -am package)");
        }
        Process process = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=0",
                        "-Dquarkus.management.host=127.0.0.1",
                        "-Dquarkus.management.port=0",
                        "-Dapicurio.storage.kind=sql",
                        "-jar",
                        jar.toString()))
                .redirectErrorStream(true)
                .start();
        var port = new CompletableFuture<Integer>();
        Thread.ofVirtual().start(() -> read(process, port));
        try {
            return new RegistryServer(process, port.get(START_SECONDS, TimeUnit.SECONDS));
        } catch (Exception e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** The URL of the API. */
    public String url() {
        return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    /** Reads the output to its end, so that the server never blocks on it. */
    private static void read(Process process, CompletableFuture<Integer> port) {
        var output = new StringBuilder();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            while (line != null) {
                Matcher listening = LISTENING.matcher(line);
                if (listening.find()) {
                    port.complete(Integer.parseInt(listening.group(1)));
                }
                if (!port.isDone()) {
                    output.append(line).append('\n');
                }
                line = lines.readLine();
            }
        } catch (IOException e) {
            output.append(e);
        }
        port.completeExceptionally(new IOException("the registry did not start:\n" + output));
    }
}
