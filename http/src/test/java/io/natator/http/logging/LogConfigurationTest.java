package io.natator.http.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.logging.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Tests what a service that calls {@link ServiceLogging} writes to standard error. */
class LogConfigurationTest {
    private static final LogConfig DEFAULTS = new LogConfig(Level.INFO, LogFormat.TEXT);
    private static final String OF_A_SERVICE = "io.natator.collector.CollectorApp";
    private static final String OF_KAFKA = "org.apache.kafka.clients.producer.KafkaProducer";
    /** Warns many times a second while a broker is unreachable. */
    private static final String OF_KAFKA_NETWORK = "org.apache.kafka.clients.NetworkClient";

    private final LoggerContext context = new LoggerContext();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream stderr = System.err;

    @BeforeEach
    void captureStandardError() {
        context.setMDCAdapter(new LogbackMDCAdapter());
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() throws IOException {
        System.setErr(stderr);
        ServiceLogging.apply(DEFAULTS, context);
        System.clearProperty("natator.logging");
        System.clearProperty("logback.configurationFile");
        LogManager.getLogManager().readConfiguration();
        context.stop();
    }

    private ExecutionStatus configure(Level level, LogFormat format) {
        ServiceLogging.choose();
        ServiceLogging.apply(new LogConfig(level, format), context);
        var logging = new ServiceLogging();
        logging.setContext(context);
        return logging.configure(context);
    }

    private List<String> logEverything(String logger) {
        Logger log = context.getLogger(logger);
        log.error("an error");
        log.warn("a warning");
        log.info("information");
        log.debug("a detail");
        log.trace("a finer detail");
        return lines();
    }

    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @ParameterizedTest
    @CsvSource({
        "ERROR, " + OF_A_SERVICE + ", 1",
        "WARN, " + OF_A_SERVICE + ", 2",
        "INFO, " + OF_A_SERVICE + ", 3",
        "DEBUG, " + OF_A_SERVICE + ", 4",
        "TRACE, " + OF_A_SERVICE + ", 5",
        "ERROR, " + OF_KAFKA + ", 1",
        "TRACE, " + OF_KAFKA + ", 2",
        "INFO, " + OF_KAFKA_NETWORK + ", 1",
        "TRACE, " + OF_KAFKA_NETWORK + ", 1"
    })
    void logsWhatTheLevelSaysButOfKafkaOnlyWarningsAndErrors(Level level, String logger, int lines) {
        // Given
        configure(level, LogFormat.TEXT);
        // When
        List<String> logged = logEverything(logger);
        // Then
        assertThat(logged).hasSize(lines).first().asString().contains("ERROR an error");
    }

    @Test
    void writesJsonIfAskedTo() {
        // Given
        configure(Level.ERROR, LogFormat.JSON);
        // When
        List<String> logged = logEverything(OF_A_SERVICE);
        // Then
        assertThat(logged)
                .singleElement()
                .asString()
                .startsWith("{\"time\":")
                .contains("\"message\":\"an error\"")
                .endsWith("}");
    }

    @Test
    void levelChangesWhenTheOptionsHaveBeenRead() {
        // Given logback is configured by the first logger, before the options are read
        configure(Level.INFO, LogFormat.TEXT);
        // When
        ServiceLogging.apply(new LogConfig(Level.ERROR, LogFormat.TEXT), context);
        // Then
        assertThat(logEverything(OF_A_SERVICE)).hasSize(1);
    }

    @Test
    void configurationFileOfTheUserTakesPrecedence() {
        // Given
        System.setProperty("logback.configurationFile", "own.xml");
        // When
        ExecutionStatus status = configure(Level.TRACE, LogFormat.TEXT);
        // Then
        assertThat(status).isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);
        assertThat(logEverything(OF_A_SERVICE)).isEmpty();
        assertThat(context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getLevel())
                .isEqualTo(new LoggerContext()
                        .getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)
                        .getLevel());
    }

    @Test
    void programThatDoesNotChooseItIsNotConfigured() {
        // Given
        var logging = new ServiceLogging();
        logging.setContext(context);
        // When
        ExecutionStatus status = logging.configure(context);
        ServiceLogging.apply(new LogConfig(Level.TRACE, LogFormat.JSON), context);
        // Then
        assertThat(status).isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);
        assertThat(logEverything(OF_A_SERVICE)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"ERROR, SEVERE", "WARN, WARNING", "INFO, INFO", "DEBUG, FINE", "TRACE, FINEST"})
    void messagesOfJavaUtilLoggingAreLoggedFromTheSameLevel(Level level, String least) {
        // Given
        Logger library = (Logger) LoggerFactory.getLogger("some.library");
        library.setLevel(ch.qos.logback.classic.Level.TRACE);
        library.setAdditive(false);
        var appender = new ListAppender<ILoggingEvent>();
        appender.start();
        library.addAppender(appender);
        configure(level, LogFormat.TEXT);
        var julLevel = java.util.logging.Level.parse(least);
        var jul = java.util.logging.Logger.getLogger("some.library");
        // When
        jul.log(julLevel, "severe enough");
        jul.log(new LessSevere(julLevel), "not severe enough");
        // Then
        assertThat(appender.list)
                .singleElement()
                .satisfies(event -> assertThat(event.getMessage()).isEqualTo("severe enough"));
        library.detachAppender(appender);
    }

    private static final class LessSevere extends java.util.logging.Level {
        private static final long serialVersionUID = 1L;

        LessSevere(java.util.logging.Level than) {
            super("LESS_SEVERE", than.intValue() - 1);
        }
    }
}
