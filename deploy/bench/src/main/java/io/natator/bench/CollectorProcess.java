package io.natator.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A collector in a separate process, as on a node. {@link #close} also unloads its BPF programs. */
final class CollectorProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern PORT = Pattern.compile("httpPort=\"(\\d+)\"");

    /**
     * The settings that all collector processes share.
     *
     * @param folder folder with the contents of the image: Java runtime, jars, JVM options and AOT cache
     */
    record Setup(Path folder, String bootstrapServers, Path pinDirectory) {
        private ProcessBuilder java(String... arguments) {
            List<String> command = new ArrayList<>(List.of(
                    folder.resolve("java/bin/java").toString(),
                    "@" + folder.resolve("jvm.options"),
                    "@" + folder.resolve("start")));
            command.addAll(List.of(arguments));
            ProcessBuilder builder = new ProcessBuilder(command);
            // One heap of malloc, as in the image.
            builder.environment().put("MALLOC_ARENA_MAX", "1");
            return builder;
        }
    }

    private final Setup setup;
    private final Process process;
    private final Path log;
    private final int port;
    private final HttpClient http = HttpClient.newHttpClient();

    /** Starts the collector and waits until it is ready. */
    CollectorProcess(Setup setup, Duration snapshotInterval) {
        this.setup = setup;
        try {
            log = Files.createTempFile("natator-bench-collector", ".log");
            process = setup.java(
                            "--bootstrap-servers",
                            setup.bootstrapServers,
                            "--http-address",
                            "127.0.0.1",
                            "--http-port",
                            "0",
                            "--loopback",
                            "--snapshot-interval",
                            snapshotInterval.toMillis() + "ms",
                            "--pin-directory",
                            setup.pinDirectory.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        int[] found = {0};
        until("the collector to start", () -> (found[0] = findPort()) != 0);
        port = found[0];
        until("the collector to be ready", () -> request("/readyz").statusCode() == 200);
    }

    private int findPort() {
        Matcher matcher = PORT.matcher(read(log));
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    /**
     * Waits for a condition. Fails with the collector's log if the process ends or if the condition is still false
     * after a minute.
     */
    void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (!process.isAlive() || System.nanoTime() - deadline >= 0) {
                throw new IllegalStateException("timed out waiting for " + what + ": " + read(log));
            }
            Machine.pause(Duration.ofMillis(50));
        }
    }

    private HttpResponse<String> request(String path) {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** The value of a metric of the collector. {@code name} is the part after {@code natator_collector_}. */
    double metric(String name) {
        return request("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("natator_collector_" + name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no metric " + name));
    }

    /** Resident memory of the collector in MiB (VmRSS). */
    double residentMebibytes() {
        return read(Path.of("/proc/" + process.pid() + "/status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    /** CPU time of the collector so far, user and system, in seconds. */
    double cpuSeconds() {
        String stat = read(Path.of("/proc/" + process.pid() + "/stat"));
        // proc(5): utime and stime are the fields 14 and 15, in ticks of 10 ms. Field 2 in parentheses may contain
        // spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        http.close();
        try {
            process.destroy();
            process.waitFor();
            int unloaded = setup.java("unload", "--pin-directory", setup.pinDirectory.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (unloaded != 0) {
                throw new IllegalStateException("the BPF programs were not unloaded");
            }
            Files.delete(log);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
