package io.natator.collector;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the collector as a separate process, as an operator would. */
final class CollectorProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Pattern PORT = Pattern.compile("httpPort=\"(\\d+)\"");

    private final Process process;
    private final Queue<String> output = new ConcurrentLinkedQueue<>();
    private final Thread reader;
    private int port;

    private CollectorProcess(List<String> command) {
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        reader = Thread.ofVirtual().start(this::readOutput);
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
            }
        } catch (IOException ended) {
            output.add(ended.toString());
        }
    }

    /**
     * Returns a command that starts another command without capabilities, except the given ones, such as
     * {@code ,+bpf,+perfmon}.
     */
    static List<String> withOnly(String capabilities) {
        return List.of(
                "setpriv",
                "--no-new-privs",
                "--inh-caps",
                "-all" + capabilities,
                "--bounding-set",
                "-all" + capabilities);
    }

    /**
     * Runs the command, and waits until it ends.
     *
     * @param wrapper a command that starts the collector, such as setpriv(1) with its options
     */
    static CollectorProcess run(List<String> wrapper, String... arguments) {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                CollectorMain.class.getName()));
        command.addAll(List.of(arguments));
        return new CollectorProcess(command);
    }

    /** Starts the collector, and waits until it collects. */
    static CollectorProcess start(List<String> wrapper, String... arguments) {
        CollectorProcess collector = run(wrapper, arguments);
        await().atMost(PATIENCE).until(() -> {
            collector.port = collector.findPort();
            return collector.port != 0 || !collector.process.isAlive();
        });
        if (collector.port == 0) {
            throw new IllegalStateException("the collector did not start: " + collector.output());
        }
        return collector;
    }

    private int findPort() {
        for (String line : output) {
            Matcher matcher = PORT.matcher(line);
            if (matcher.find()) {
                return Integer.parseInt(matcher.group(1));
            }
        }
        return 0;
    }

    /** Returns everything that the process has printed so far. */
    List<String> output() {
        return List.copyOf(output);
    }

    /** Returns the value of a metric; NaN if the metric is missing. The name can include labels. */
    double metric(String name) {
        for (String line : http("/metrics").body().lines().toList()) {
            if (line.startsWith(name + " ")) {
                return Double.parseDouble(line.substring(name.length() + 1));
            }
        }
        return Double.NaN;
    }

    boolean isReady() {
        return http("/readyz").statusCode() == 200;
    }

    HttpResponse<String> http(String path) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Sends SIGKILL, and waits until the process has ended. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Sends SIGTERM, waits until the process has ended, and returns the exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        return exitCode();
    }

    /** Waits until the process has ended by itself, and returns the exit code. */
    int exitCode() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the collector does not end: " + output);
        }
        reader.join();
        return process.exitValue();
    }

    @Override
    public void close() throws InterruptedException {
        if (process.isAlive()) {
            kill();
        }
    }
}
