package io.natator.http.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.NopStatusListener;
import java.util.List;
import java.util.logging.LogManager;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Configures logback for a service: the log goes to standard error, with the level and format of {@link LogConfig}, and
 * includes messages of {@code java.util.logging}. Logback finds this class by {@code java.util.ServiceLoader}.
 *
 * <p>Logback is configured in code, because parsing a configuration file would load 700 classes and occupy 4 MB
 * permanently. A file named by {@code -Dlogback.configurationFile} takes precedence.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_NORMAL_PRIORITY)
public final class ServiceLogging extends ContextAwareBase implements Configurator {
    private static final String CHOSEN = "natator.logging";
    private static final String FILE = "logback.configurationFile";

    private static final String KAFKA = "org.apache.kafka";

    /**
     * Loggers of Kafka of which only errors are logged, because the services report themselves what these loggers warn
     * about.
     */
    private static final List<String> ERRORS_ONLY = List.of(
            // These warn many times a second while a broker is unreachable.
            "org.apache.kafka.clients.NetworkClient",
            "org.apache.kafka.clients.producer.internals.Sender",
            "org.apache.kafka.clients.admin.internals.AdminMetadataManager",
            // These warn about settings that their client does not use. All clients get the same settings, so this is
            // normal.
            "org.apache.kafka.clients.consumer.ConsumerConfig",
            "org.apache.kafka.clients.producer.ProducerConfig",
            "org.apache.kafka.clients.admin.AdminClientConfig",
            // These warn, with a stack trace, about each record that goes to the topic of dead letters.
            "org.apache.kafka.streams.processor.internals.RecordDeserializer",
            "org.apache.kafka.streams.processor.internals.ProcessorNode",
            "org.apache.kafka.streams.processor.internals.StreamTask");

    private static volatile LogConfig config = new LogConfig(org.slf4j.event.Level.INFO, LogFormat.TEXT);

    /** Logback creates an instance through this constructor. */
    public ServiceLogging() {}

    /** Makes logback use this configuration instead of its own. Call this before anything is logged. */
    public static void choose() {
        System.setProperty(CHOSEN, "true");
    }

    /** Applies level and format. This has an effect only if {@link #choose} was called before. */
    public static void apply(LogConfig options) {
        apply(options, LoggerFactory.getILoggerFactory());
    }

    static void apply(LogConfig options, ILoggerFactory loggers) {
        config = options;
        if (!Boolean.getBoolean(CHOSEN)) {
            return;
        }
        LogManager.getLogManager().reset();
        SLF4JBridgeHandler.install();
        java.util.logging.Logger.getLogger("").setLevel(julLevel(options.level()));
        if (System.getProperty(FILE) == null && loggers instanceof LoggerContext context) {
            setLevels(context);
        }
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (!Boolean.getBoolean(CHOSEN) || System.getProperty(FILE) != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        // Suppresses logback's messages about its own configuration, which do not help operators.
        context.getStatusManager().add(new NopStatusListener());
        EventEncoder encoder = new EventEncoder(
                event -> config.format() == LogFormat.JSON ? JsonFormat.line(event) : TextFormat.line(event));
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName("console");
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(console);
        setLevels(context);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static void setLevels(LoggerContext context) {
        Level level = Level.toLevel(config.level().name());
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(level);
        limit(context.getLogger(KAFKA), Level.WARN, level);
        ERRORS_ONLY.forEach(name -> limit(context.getLogger(name), Level.ERROR, level));
    }

    private static void limit(Logger logger, Level most, Level level) {
        logger.setLevel(level.isGreaterOrEqual(most) ? level : most);
    }

    private static java.util.logging.Level julLevel(org.slf4j.event.Level level) {
        return switch (level) {
            case ERROR -> java.util.logging.Level.SEVERE;
            case WARN -> java.util.logging.Level.WARNING;
            case INFO -> java.util.logging.Level.INFO;
            case DEBUG -> java.util.logging.Level.FINE;
            case TRACE -> java.util.logging.Level.FINEST;
        };
    }
}
