package io.natator.topology.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/** Shows a fault: the delta of one busy link becomes too large for Kafka if a commit covers a large backlog. */
class RttSamplesTest {
    private static final int MAX_REQUEST_SIZE = 1_048_576;
    private static final int REPORTS = 400_000;

    /** A delta contains all round-trip times of its link that were reported since the last commit. */
    @Test
    @Disabled("A delta carries every round-trip time since the last commit, so the size of a delta has no limit.")
    void deltaFitsIntoAKafkaRecord() {
        // Given
        var deltas = new DeltaAggregator(Duration.ofMinutes(1));
        Bytes link = Bytes.wrap(new byte[100]);
        long start = TimeUnit.MINUTES.toMicros(30_000_000);
        for (int i = 0; i < REPORTS; i++) {
            var traffic = Traffic.builder().bytesToServer(1).bytesToClient(1).build();
            var quality = new Quality(0, List.of(20_000L + i % 5_000), 0);
            deltas.add(
                    link,
                    new LinkDelta(
                            TimeSpan.from(start + i).until(start + i + 1), traffic, ConnectionCounts.NONE, quality));
        }

        // When
        var largest = new AtomicInteger();
        deltas.drain((key, delta) -> largest.accumulateAndGet(new LinkDeltaSerde().encode(delta).length, Math::max));

        // Then
        assertThat(largest.get()).isLessThan(MAX_REQUEST_SIZE);
    }
}
