package io.natator.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/** The machine on which a benchmark runs. */
public final class Machine {
    private Machine() {}

    /** Describes kernel, processors, JVM and load of the machine in one line. */
    public static String description() throws IOException {
        String processor = Files.readString(Path.of("/proc/cpuinfo"))
                .lines()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
        return "Linux " + System.getProperty("os.version") + ", "
                + Files.readString(Path.of("/sys/devices/system/cpu/online")).strip() + " of " + processor + ", JDK "
                + Runtime.version() + ", load average "
                + Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
    }

    public static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** Deletes a directory and its contents. */
    public static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
