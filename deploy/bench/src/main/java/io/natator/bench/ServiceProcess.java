package io.natator.bench;

import io.natator.http.FreePort;
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
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A service of Natator in a separate process, with this JVM's class path. {@link #close} stops the service gracefully.
 */
public final class ServiceProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(5);
    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    private final Process process;
    private final Path log;
    private final int port = FreePort.find();
    private final HttpClient http = HttpClient.newHttpClient();
    private final long startedAt = System.nanoTime();

    ServiceProcess(String main, List<String> jvmOptions, List<String> arguments) {
        this(List.of(), main, jvmOptions, arguments);
    }

    /**
     * Starts a service.
     *
     * @param wrapper a command, such as {@code unshare}, that replaces itself by the command in its arguments (exec);
     *     can be empty
     */
    public ServiceProcess(List<String> wrapper, String main, List<String> jvmOptions, List<String> arguments) {
        List<String> command = new ArrayList<>(wrapper);
        command.add(tool("java"));
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main,
                "--http-address",
                "127.0.0.1",
                "--http-port",
                Integer.toString(port)));
        command.addAll(arguments);
        try {
            log = Files.createTempFile("natator-bench-", ".log");
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    /** Waits for a condition, and returns the time since the start. After ten minutes, fails with the service's log. */
    public Duration until(String what, BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (!process.isAlive() || running().compareTo(PATIENCE) > 0) {
                throw new IllegalStateException("timed out waiting for " + what + ": " + log());
            }
            Machine.pause(Duration.ofMillis(100));
        }
        return running();
    }

    private Duration running() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }

    /** The service's log so far. */
    public String log() {
        return read(log);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public boolean isReady() {
        try {
            return get("/readyz").statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** The sum of those samples of a metric whose text contains the given labels. */
    public double metric(String name, String labels) {
        try {
            return get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name) && line.contains(labels))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private HttpResponse<String> get(String path) throws IOException {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .timeout(RESPONSE_TIMEOUT)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** Status and body of a response, or the reason why there is no response. */
    public String response(String path) {
        try {
            HttpResponse<String> response = get(path);
            return response.statusCode() + " " + response.body().strip();
        } catch (IOException failure) {
            return failure.toString();
        }
    }

    /** Runs a full garbage collection of the service and returns the heap that is still in use, in MiB. */
    public double liveHeapMebibytes() {
        jcmd("GC.run");
        Matcher used = USED.matcher(jcmd("GC.heap_info").replaceAll("(?s)Metaspace.*", ""));
        double kibibytes = 0;
        while (used.find()) {
            kibibytes += Double.parseDouble(used.group(1));
        }
        return kibibytes / 1024;
    }

    private String jcmd(String command) {
        try {
            Process jcmd = new ProcessBuilder(tool("jcmd"), Long.toString(process.pid()), command)
                    .redirectErrorStream(true)
                    .start();
            return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * The resident memory of the process, in MiB.
     *
     * @param which {@code VmRSS} for the present, {@code VmHWM} for the maximum so far
     */
    public double residentMebibytes(String which) {
        return read(Path.of("/proc/" + process.pid() + "/status"))
                .lines()
                .filter(line -> line.startsWith(which + ":"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    /** Kills the process (SIGKILL). */
    public void kill() {
        signal("KILL");
        process.onExit().join();
    }

    /** Pauses the process (SIGSTOP). */
    public void pause() {
        signal("STOP");
    }

    /** Continues the process after {@link #pause} (SIGCONT). */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .onExit()
                    .join();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Returns false if the process has ended. */
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(log);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
