package io.natator.helm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;

/**
 * A Docker engine for the tests, with the images of the services and of a broker. The engine ends with this process.
 */
final class DockerEngine {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final Pattern HOST = Pattern.compile("DOCKER_HOST=(\\S+)");

    private static @Nullable DockerEngine running;

    private final String host;

    private DockerEngine(String host) {
        this.host = host;
    }

    /** Starts the engine and builds the images. If no engine can run, the test is skipped with the reason. */
    static synchronized DockerEngine start() {
        if (running == null) {
            running = begin();
        }
        return running;
    }

    private static DockerEngine begin() {
        for (String tool : List.of("/usr/sbin/dockerd", "/usr/bin/mmdebstrap", "/usr/bin/zip", "/usr/bin/unzip")) {
            assumeTrue(
                    Files.exists(Path.of(tool)),
                    "skipped: no images can be built without " + tool + ": install docker.io, mmdebstrap, zip, unzip");
        }
        String started = run(ROOT, "", List.of("deploy/images/engine", "start"));
        Matcher host = HOST.matcher(started);
        assumeTrue(host.find(), () -> "skipped: " + started.strip());
        var engine = new DockerEngine(host.group(1));
        // The engine is stopped at the end of the process, because Testcontainers uses it until then.
        Runtime.getRuntime().addShutdownHook(new Thread(DockerEngine::stop));
        run(ROOT, engine.host, List.of("deploy/images/build"));
        run(ROOT, engine.host, List.of("deploy/images/build-broker"));
        DockerEngineStrategy.use(engine.host);
        quietenTestcontainers();
        return engine;
    }

    /** Runs a docker command and returns its output. Fails with the output if the command fails. */
    String docker(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return run(ROOT, host, command).strip();
    }

    /** Prepares a docker command that runs in parallel to the test. */
    ProcessBuilder dockerProcess(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(arguments);
        ProcessBuilder process = new ProcessBuilder(command);
        process.environment().put("DOCKER_HOST", host);
        return process;
    }

    private static String run(Path folder, String host, List<String> command) {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        if (!host.isEmpty()) {
            builder.environment().put("DOCKER_HOST", host);
        }
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean ended = process.waitFor(10, TimeUnit.MINUTES);
            if ((!ended || process.exitValue() != 0) && !command.contains("start")) {
                throw new AssertionError(String.join(" ", command) + ":\n" + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void stop() {
        run(ROOT, "", List.of("deploy/images/engine", "stop"));
    }

    /**
     * Suppresses errors at the end of the process: Testcontainers sends requests to the engine, which has already
     * ended.
     */
    private static void quietenTestcontainers() {
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> {
            if (!DockerClientFactory.TESTCONTAINERS_THREAD_GROUP.equals(thread.getThreadGroup())) {
                failure.printStackTrace();
            }
        });
    }
}
