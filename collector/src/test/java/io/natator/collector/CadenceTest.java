package io.natator.collector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CadenceTest {
    @Test
    void staysOnItsGridAndSkipsOverrunTimes() {
        // Given
        var cadence = new Cadence(100, 1_000);
        assertThat(cadence.isDue(999)).isFalse();
        assertThat(cadence.isDue(1_000)).isTrue();
        // When
        cadence.done(1_030);
        // Then
        assertThat(cadence.nextNanos()).isEqualTo(1_100);
        // When
        cadence.done(1_450);
        // Then
        assertThat(cadence.nextNanos()).isEqualTo(1_500);
        assertThat(cadence.isDue(1_499)).isFalse();
    }

    @Test
    void isDueAcrossTheOverflowOfTheClock() {
        // Given
        var cadence = new Cadence(100, Long.MAX_VALUE - 10);
        // When
        cadence.done(Long.MAX_VALUE - 5);
        // Then
        assertThat(cadence.isDue(Long.MAX_VALUE)).isFalse();
        assertThat(cadence.isDue(Long.MIN_VALUE + 90)).isTrue();
    }
}
