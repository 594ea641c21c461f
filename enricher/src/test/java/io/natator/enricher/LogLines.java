package io.natator.enricher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Collects what Natator logs while it is open. */
final class LogLines implements AutoCloseable {
    private final Logger logger;
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    LogLines() {
        this("io.natator");
    }

    /** @param name the logger from which to collect, including its children; empty for all loggers */
    LogLines(String name) {
        logger = (Logger) LoggerFactory.getLogger(name.isEmpty() ? org.slf4j.Logger.ROOT_LOGGER_NAME : name);
        appender.start();
        logger.addAppender(appender);
    }

    /** Message and key-values of every warning. */
    List<String> warnings() {
        return atLeast(Level.WARN);
    }

    /** Message and key-values of every event of level INFO or above. */
    List<String> all() {
        return atLeast(Level.INFO);
    }

    /** The messages that were logged with a stack trace. */
    List<String> stackTraces() {
        return List.copyOf(appender.list).stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.INFO) && event.getThrowableProxy() != null)
                .map(event -> event.getFormattedMessage() + " "
                        + event.getThrowableProxy().getMessage())
                .toList();
    }

    private List<String> atLeast(Level level) {
        return List.copyOf(appender.list).stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(level))
                .map(event -> event.getFormattedMessage() + " " + event.getKeyValuePairs())
                .toList();
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
        appender.stop();
    }
}
