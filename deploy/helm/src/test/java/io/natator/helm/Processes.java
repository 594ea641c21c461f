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
    /** Maximum time from the end of a program's output to the end of the program. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private Processes() {}

    /**
     * Runs a program to its end.
     *
     * @return standard output and standard error of the program
     * @throws AssertionError if the program failed; the message contains the output
     */
    static String run(List<String> command) throws IOException, InterruptedException {
        return run(Path.of(""), Map.of(), command);
    }

    /**
     * Like {@link #run(List)}.
     *
     * @param folder working directory of the program
     * @param variables environment variables, in addition to those of this process
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
