package io.natator.topology.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MicrosTest {
    @Test
    void durationsAndTimesAreRoundedDownToMicroseconds() {
        assertThat(Micros.of(Duration.ofNanos(1_999))).isEqualTo(1);
        assertThat(Micros.of(Instant.ofEpochSecond(1, 1_999))).isEqualTo(1_000_001);
    }

    @Test
    void aTimeOfWholeMicrosecondsIsUnchanged() {
        Instant time = Instant.parse("2026-01-02T03:04:05.000006Z");

        assertThat(Micros.instant(Micros.of(time))).isEqualTo(time);
    }
}
