package io.natator.collector;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LoggingTest {
    private static LoggingEvent event(Level level) {
        LoggingEvent event = new LoggingEvent();
        event.setLoggerName("io.natator.collector.Some");
        event.setLevel(level);
        event.setInstant(Instant.parse("2026-01-02T03:04:05.006Z"));
        event.setMessage("It happened");
        event.setLoggerContext(new LoggerContext());
        return event;
    }

    private static String line(LoggingEvent event) {
        return new String(new LineEncoder().encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void writesAnEventAsALine() {
        // Given
        LoggingEvent event = event(Level.INFO);
        event.setKeyValuePairs(List.of(new KeyValuePair("port", 7118), new KeyValuePair("node", "a")));
        // When
        String line = line(event);
        // Then
        assertThat(line)
                .matches("20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:05\\.006\\S+ INFO  It happened"
                        + " port=\"7118\" node=\"a\" \\[Some]\n");
    }

    @Test
    void addsTheStackTrace() {
        // Given
        LoggingEvent event = event(Level.ERROR);
        event.setThrowableProxy(new ThrowableProxy(new IllegalStateException("broken")));
        // When
        String line = line(event);
        // Then
        assertThat(line)
                .contains(" ERROR It happened [Some]\njava.lang.IllegalStateException: broken")
                .contains("\tat io.natator.collector.LoggingTest");
    }
}
