package io.natator.bench.topology;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM process of the benchmark. {@link #close} stops the process gracefully. */
final class JvmProcess implements AutoCloseable {
    private static final int STOP_SECONDS = 60;

    private final Process process;

    private JvmProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts a main class.
     *
     * @param cpus CPUs in the syntax of {@code taskset --cpu-list}; empty for all CPUs
     * @param errors the destination of the process's standard error
     */
    static JvmProcess start(
            Class<?> main, String cpus, List<String> jvmOptions, Redirect errors, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (!cpus.isEmpty()) {
            command.addAll(List.of("taskset", "-c", cpus));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.add("-Dlogback.configurationFile=logback-bench.xml");
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return new JvmProcess(new ProcessBuilder(command).redirectError(errors).start());
    }

    /** Waits for the first line of the process's output. */
    String firstLine() throws IOException {
        String line = process.inputReader(StandardCharsets.UTF_8).readLine();
        if (line == null) {
            throw new IOException("a process of the benchmark ended at its start: see above");
        }
        return line;
    }

    /** CPU time of all threads of the process so far. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Resident memory of the process (VmRSS). */
    long residentBytes() throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(process.pid()), "status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElse(0);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() throws IOException {
        try (OutputStream input = process.getOutputStream()) {
            if (process.isAlive()) {
                input.write('\n');
            }
        } catch (IOException e) {
            // the process has already ended
        }
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
