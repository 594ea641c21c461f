package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class BootClockTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void placesATimeSinceBootOnTheWallClock() {
        // Given
        BootClock clock = new BootClock(() -> 90_000_000_000L, Clock.fixed(NOW, ZoneOffset.UTC));

        // When
        Instant instant = clock.instant(30_000_000_000L);

        // Then
        assertThat(instant).isEqualTo(NOW.minusSeconds(60));
    }

    @Test
    void readsTheKernelsClock() {
        // Given
        BootClock clock = BootClock.system();

        // When
        long first = clock.nanos();
        long second = clock.nanos();

        // Then
        assertThat(first).isPositive();
        assertThat(second).isGreaterThanOrEqualTo(first);
    }
}
