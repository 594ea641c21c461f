package io.natator.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the load generator {@code load.c} on one CPU that nothing else of the benchmark uses. */
final class LoadGenerator {
    private final Path program;
    private final int cpu;

    LoadGenerator(Path program, int cpu) {
        this.program = program;
        this.cpu = cpu;
    }

    /** Runs one kind of load for the given time. Returns the measured rate per second. */
    double run(String kind, int seconds) {
        Process process = start(kind, Integer.toString(seconds));
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            if (line == null || process.waitFor() != 0) {
                throw new IllegalStateException("the load " + kind + " failed");
            }
            return Double.parseDouble(line);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** Opens connections and keeps them open, in as many processes as the limit of open files requires. */
    Held hold(int connections) {
        return new Held(connections);
    }

    private Process start(String... arguments) {
        List<String> command = new ArrayList<>(List.of("taskset", "-c", Integer.toString(cpu), program.toString()));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Connections over loopback that stay open. Both ends are sockets of this machine. */
    final class Held implements AutoCloseable {
        private static final int PER_PROCESS = 10_000;

        private record Holder(Process process, BufferedReader answers, PrintWriter commands) {}

        private final List<Holder> holders = new ArrayList<>();

        private Held(int connections) {
            for (int left = connections; left > 0; left -= PER_PROCESS) {
                Process process = start("hold", Integer.toString(Math.min(left, PER_PROCESS)));
                var holder = new Holder(
                        process,
                        process.inputReader(StandardCharsets.UTF_8),
                        new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8));
                holders.add(holder);
                expect(holder, "ready");
            }
        }

        /** Sends 1 KiB over every connection. */
        void send() {
            holders.forEach(holder -> {
                holder.commands.println("send");
                expect(holder, "sent");
            });
        }

        private static void expect(Holder holder, String expected) {
            try {
                String line = holder.answers.readLine();
                if (!expected.equals(line)) {
                    throw new IllegalStateException("the load did not hold its connections: " + line);
                }
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public void close() {
            for (Holder holder : holders) {
                holder.commands.close();
                try {
                    holder.process.waitFor();
                } catch (InterruptedException interrupted) {
                    holder.process.destroyForcibly();
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
