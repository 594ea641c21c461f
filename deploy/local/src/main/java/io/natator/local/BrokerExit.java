package io.natator.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Exit;
import org.jspecify.annotations.Nullable;

/**
 * Reports why the embedded broker ends the process. Kafka ends the process, without a message, if it cannot write its
 * data.
 */
final class BrokerExit {
    /** Less free space than this counts as a full disk. */
    private static final long NEARLY_NOTHING = 1 << 20;

    private BrokerExit() {}

    /**
     * Makes Kafka report the reason before it ends this process with exit code 1.
     *
     * @param directory the data directory, which also contains the log
     * @param report receives the reason as one line
     */
    static void reportTo(Path directory, Consumer<String> report) {
        Exit.Procedure end = (code, message) -> {
            report.accept(reason(directory, message));
            Runtime.getRuntime().halt(1);
        };
        Exit.setHaltProcedure(end);
        Exit.setExitProcedure(end);
    }

    private static String reason(Path directory, @Nullable String message) {
        if (isFull(directory)) {
            return "Kafka has stopped: the disk is full: free some space for " + directory
                    + ", or choose another --data-directory";
        }
        return "Kafka has stopped: " + (message == null ? "it cannot use its data" : message) + ": see "
                + directory.resolve("natator.log");
    }

    private static boolean isFull(Path directory) {
        try {
            return Files.getFileStore(directory).getUsableSpace() < NEARLY_NOTHING;
        } catch (IOException e) {
            return false;
        }
    }
}
