package io.natator.helm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs. */
final class Processes {
    /** The maximum time between the end of the output and the end of the program. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private Processes() {}

    /**
     * Runs a program to its end.
     *
     * @return its output, both streams
     * @throws AssertionError with its output if it failed
     */
    static String run(List<String> command) throws IOException, InterruptedException {
        return run(Path.of(""), Map.of(), command);
    }

    /**
     * Like {@link #run(List)}.
     *
     * @param folder its working directory
     * @param variables of its environment, in addition to those of this process
     */
    static String run(Path folder, Map<String, String> variables, List<String> command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toAbsolutePath().toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(variables);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
                throw new AssertionError(String.join(" ", command) + "\n" + output);
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
