package io.natator.http.logging;

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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ServiceLoggingTest {
    private static LoggingEvent event(Level level) {
        return event(level, "It happened");
    }

    private static LoggingEvent event(Level level, String message) {
        LoggingEvent event = new LoggingEvent();
        event.setLoggerName("io.natator.http.Some");
        event.setLevel(level);
        event.setInstant(Instant.parse("2026-01-02T03:04:05.006Z"));
        event.setMessage(message);
        event.setLoggerContext(new LoggerContext());
        return event;
    }

    private static String line(LoggingEvent event) {
        return new String(new EventEncoder(TextFormat::line).encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void writesAnEventAsALine() {
        // Given
        LoggingEvent event = event(Level.INFO);
        event.setKeyValuePairs(List.of(new KeyValuePair("port", 7118), new KeyValuePair("node", "a")));
        // When
        String line = line(event);
        // Then
        assertThat(line).isEqualTo("2026-01-02T03:04:05.006Z INFO  It happened port=\"7118\" node=\"a\" [Some]\n");
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
                .contains("\tat io.natator.http.logging.ServiceLoggingTest");
    }

    @Test
    void writesAnEventAsAJsonObject() {
        // Given
        LoggingEvent event = event(Level.WARN, "A \"quoted\" message,\nof two lines \u0001");
        event.setThreadName("main");
        event.setKeyValuePairs(List.of(
                new KeyValuePair("port", 7118),
                new KeyValuePair("level", "high"),
                new KeyValuePair("open", true),
                new KeyValuePair("reason", null)));
        event.setThrowableProxy(new ThrowableProxy(new IllegalStateException("broken")));
        // When
        String line = JsonFormat.line(event);
        // Then
        assertThat(line).endsWith("}\n").hasLineCount(1);
        JsonNode json = JsonMapper.shared().readTree(line);
        assertThat(json.path("time").asString()).isEqualTo("2026-01-02T03:04:05.006Z");
        assertThat(json.path("level").asString()).isEqualTo("WARN");
        assertThat(json.path("message").asString()).isEqualTo("A \"quoted\" message,\nof two lines \u0001");
        assertThat(json.path("logger").asString()).isEqualTo("io.natator.http.Some");
        assertThat(json.path("thread").asString()).isEqualTo("main");
        assertThat(json.path("port").asInt()).isEqualTo(7118);
        assertThat(json.path("level_").asString()).isEqualTo("high");
        assertThat(json.path("open").asBoolean()).isTrue();
        assertThat(json.path("reason").isNull()).isTrue();
        assertThat(json.path("exception").asString()).startsWith("java.lang.IllegalStateException: broken\n\tat ");
    }
}
