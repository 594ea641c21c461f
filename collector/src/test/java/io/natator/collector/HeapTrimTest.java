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
    void collectsTheGarbageOfTheStart() {
        // Given
        committed.set(300);
        // When
        trim.run();
        // Then
        assertThat(collections).hasValue(1);
    }

    @Test
    void doesNotCollectAHeapThatHasHardlyGrown() {
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
    void collectsAgainWhenTheHeapHasGrown() {
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
