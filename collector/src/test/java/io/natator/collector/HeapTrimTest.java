package io.natator.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeapTrimTest {
    private final AtomicLong committed = new AtomicLong();
    private final AtomicInteger collections = new AtomicInteger();
    private final HeapTrim trim = new HeapTrim(committed::get, () -> {
        collections.incrementAndGet();
        committed.set(100);
    });

    @Test
    void collectsWhatTheStartHasLeft() {
        // Given
        committed.set(300);
        // When
        trim.run();
        // Then
        assertThat(collections).hasValue(1);
    }

    @Test
    void leavesAHeapAloneThatHasHardlyGrown() {
        // Given
        committed.set(300);
        trim.run();
        committed.set(120);
        // When
        trim.run();
        // Then
        assertThat(collections).hasValue(1);
    }

    @Test
    void collectsAgainWhereItHasGrown() {
        // Given
        committed.set(300);
        trim.run();
        committed.set(121);
        // When
        trim.run();
        // Then
        assertThat(collections).hasValue(2);
    }
}
