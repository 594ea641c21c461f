package io.natator.topology.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.topology.link.WindowSpread.Slice;
import io.natator.topology.link.WindowSpread.Spread;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowSpreadTest {
    private static final long MINUTE = 60_000_000;

    private final WindowSpread spread = new WindowSpread(Duration.ofMinutes(1));

    private static LinkDelta delta(long from, long until, long toServer, long toClient) {
        return new LinkDelta(
                        TimeSpan.from(from).until(until),
                        Traffic.builder()
                                .bytesToServer(toServer)
                                .bytesToClient(toClient)
                                .build(),
                        ConnectionCounts.builder().opened(1).closed(1).build(),
                        new Quality(0, List.of(500L), 7))
                .withFailure("RESET");
    }

    @Test
    void sharesAreProportionalToTime() {
        Spread parts = spread.spread(delta(MINUTE / 2, 2 * MINUTE + MINUTE / 2, 400, 40), 0);

        assertThat(parts.slices()).extracting(Slice::windowStart).containsExactly(0L, MINUTE, 2 * MINUTE);
        assertThat(parts.slices())
                .extracting(slice -> slice.part().traffic().bytesToServer())
                .containsExactly(100L, 200L, 100L);
    }

    @Test
    void openingBelongsToTheStartAndTheEndToTheEnd() {
        List<Slice> slices = spread.spread(delta(10, MINUTE + 10, 2, 2), 0).slices();

        assertThat(slices.getFirst().part().connections().opened()).isEqualTo(1);
        assertThat(slices.getFirst().part().connections().closed()).isZero();
        assertThat(slices.getLast().part().connections().opened()).isZero();
        assertThat(slices.getLast().part().connections().closed()).isEqualTo(1);
        assertThat(slices.getLast().part().failure()).isEqualTo("RESET");
        assertThat(slices.getLast().part().quality().rttSamples()).containsExactly(500L);
    }

    @Test
    void instantIsInOneWindow() {
        List<Slice> slices = spread.spread(delta(MINUTE, MINUTE, 9, 9), 0).slices();

        assertThat(slices).hasSize(1);
        assertThat(slices.getFirst().windowStart()).isEqualTo(MINUTE);
        assertThat(slices.getFirst().part().traffic().bytesToServer()).isEqualTo(9);
    }

    @Test
    void shareOfFinalWindowsIsLate() {
        Spread parts = spread.spread(delta(0, 4 * MINUTE, 400, 0), 3 * MINUTE);

        assertThat(parts.lateBytes()).isEqualTo(300);
        assertThat(parts.slices()).extracting(Slice::windowStart).containsExactly(3 * MINUTE, 4 * MINUTE);
        assertThat(parts.slices().getFirst().part().connections().opened()).isZero();
    }

    @Test
    void deltaThatIsLateAsAWholeIsInNoWindow() {
        Spread parts = spread.spread(delta(0, MINUTE, 5, 6), 3 * MINUTE);

        assertThat(parts.slices()).isEmpty();
        assertThat(parts.lateBytes()).isEqualTo(11);
    }

    @Test
    void longSilenceBeforeFinalWindowsCreatesSlicesOfOpenWindowsOnly() {
        long now = 365L * 24 * 60 * MINUTE;
        Spread parts = spread.spread(delta(0, now + 1, Long.MAX_VALUE / 4, 1), now - 2 * MINUTE);

        assertThat(parts.slices()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void sharesAddUpExactly(long seed) {
        var random = new SplittableRandom(seed);
        for (int round = 0; round < 2_000; round++) {
            // Given
            long from = random.nextLong(1L << 51);
            long until = from + random.nextLong(20 * MINUTE);
            long bytes = random.nextBoolean() ? random.nextLong(1_000) : random.nextLong(1L << 60);
            long closedUntil = random.nextBoolean() ? 0 : (until / MINUTE - random.nextLong(5)) * MINUTE;
            long size = closedUntil == 0 && until - from > 0 ? 1 + random.nextLong(MINUTE) + MINUTE / 20 : MINUTE;

            // When
            Spread parts = new WindowSpread(Duration.of(size, ChronoUnit.MICROS))
                    .spread(delta(from, until, bytes, 3), closedUntil);

            // Then
            assertThat(sum(parts, Traffic::bytesToServer) + sum(parts, Traffic::bytesToClient) + parts.lateBytes())
                    .as("seed %d, %d bytes in [%d, %d), final until %d", seed, bytes, from, until, closedUntil)
                    .isEqualTo(bytes + 3);
            assertThat(parts.slices()).allSatisfy(slice -> {
                assertThat(slice.part().traffic().bytesToServer()).isNotNegative();
                assertThat(slice.windowStart()).isGreaterThanOrEqualTo(closedUntil);
                assertThat(slice.part().span().from()).isGreaterThanOrEqualTo(slice.windowStart());
                assertThat(slice.part().span().until()).isLessThanOrEqualTo(slice.windowStart() + size);
            });
        }
    }

    private static long sum(Spread parts, ToLongFunction<Traffic> counter) {
        return parts.slices().stream()
                .map(slice -> slice.part().traffic())
                .mapToLong(counter)
                .sum();
    }
}
