package io.natator.http.logging;

import org.slf4j.event.Level;
import picocli.CommandLine.Option;

/** The options for logging that every service has, as a picocli mixin. */
public final class LoggingOptions {
    @Option(
            names = "--log-level",
            paramLabel = "error|warn|info|debug|trace",
            defaultValue = "info",
            description = "Least severe level that is logged, also for libraries; Kafka's clients never log more than"
                    + " warnings and errors (default: ${DEFAULT-VALUE}).")
    private Level level = Level.INFO;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Format of the log on standard error: lines for people, or one JSON object per line"
                    + " (default: ${DEFAULT-VALUE}).")
    private LogFormat format = LogFormat.TEXT;

    /** The configuration that the options describe. */
    public LogConfig config() {
        return new LogConfig(level, format);
    }
}
