package io.natator.bpf.libbpf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SystemCallsTest {
    @Test
    void readsTheBootClock() {
        // When
        long first = SystemCalls.bootNanos();
        long second = SystemCalls.bootNanos();

        // Then
        assertThat(first).isPositive();
        assertThat(second).isGreaterThanOrEqualTo(first);
    }
}
