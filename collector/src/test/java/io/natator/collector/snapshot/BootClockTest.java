package io.natator.collector.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.libbpf.SystemCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BootClockTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicLong boot = new AtomicLong(100 * SECOND);
    private final AtomicLong wall = new AtomicLong(1_000 * SECOND);
    private final BootClock clock = new BootClock(boot::get, wall::get);

    @Test
    void convertsBootTimesToWallTimes() {
        assertThat(clock.instant(90 * SECOND + 1_500)).isEqualTo(Instant.ofEpochSecond(990, 1_000));
    }

    @Test
    void startOfAConnectionDoesNotChangeWithNoise() {
        // Given
        Instant start = clock.instant(90 * SECOND);
        boot.addAndGet(SECOND);
        wall.addAndGet(SECOND + 700_000);
        // When
        long step = clock.remeasure();
        // Then
        assertThat(step).isZero();
        assertThat(clock.instant(90 * SECOND)).isEqualTo(start);
    }

    @Test
    void followsASetWallClockWithoutChangingDurations() {
        // Given
        boot.addAndGet(SECOND);
        wall.addAndGet(SECOND - 3_600 * SECOND);
        // When
        long step = clock.remeasure();
        // Then
        assertThat(step).isEqualTo(-3_600 * SECOND);
        assertThat(clock.instant(boot.get())).isEqualTo(Instant.ofEpochSecond(1_001 - 3_600));
        assertThat(Duration.between(clock.instant(90 * SECOND), clock.instant(95 * SECOND)))
                .isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void agreesWithTheMachinesOwnClocks() {
        // Given
        BootClock own = BootClock.ofThisMachine();
        // When
        Instant before = Instant.now().minusMillis(100);
        Instant now = own.instant(SystemCalls.bootNanos());
        // Then
        assertThat(now).isBetween(before, Instant.now().plusMillis(100));
    }
}
