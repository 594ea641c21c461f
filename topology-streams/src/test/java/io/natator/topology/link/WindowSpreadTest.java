package io.natator.topology.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.topology.link.WindowSpread.Slice;
import io.natator.topology.link.WindowSpread.Spread;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowSpreadTest {
    private static final long MINUTE = 60_000_000;

    private static LinkDelta delta(long from, long until, long toServer, long toClient) {
        return new LinkDelta(
                from, until, toServer, toClient, 0L, 0L, 1L, 1L, 0L, "RESET", 0L, List.of(500L), 7L, "", 0);
    }

    @Test
    void sharesFollowTheTime() {
        Spread spread = WindowSpread.spread(delta(MINUTE / 2, 2 * MINUTE + MINUTE / 2, 400, 40), MINUTE, 0);

        assertThat(spread.slices()).extracting(Slice::windowStart).containsExactly(0L, MINUTE, 2 * MINUTE);
        assertThat(spread.slices())
                .extracting(slice -> slice.part().getBytesToServer())
                .containsExactly(100L, 200L, 100L);
    }

    @Test
    void openingBelongsToTheStartAndTheEndToTheEnd() {
        List<Slice> slices =
                WindowSpread.spread(delta(10, MINUTE + 10, 2, 2), MINUTE, 0).slices();

        assertThat(slices.getFirst().part().getConnectionsOpened()).isEqualTo(1);
        assertThat(slices.getFirst().part().getConnectionsClosed()).isZero();
        assertThat(slices.getLast().part().getConnectionsOpened()).isZero();
        assertThat(slices.getLast().part().getConnectionsClosed()).isEqualTo(1);
        assertThat(slices.getLast().part().getFailure()).isEqualTo("RESET");
        assertThat(slices.getLast().part().getRttSamples()).containsExactly(500L);
    }

    @Test
    void instantLiesInOneWindow() {
        List<Slice> slices =
                WindowSpread.spread(delta(MINUTE, MINUTE, 9, 9), MINUTE, 0).slices();

        assertThat(slices).hasSize(1);
        assertThat(slices.getFirst().windowStart()).isEqualTo(MINUTE);
        assertThat(slices.getFirst().part().getBytesToServer()).isEqualTo(9);
    }

    @Test
    void whatFinalWindowsWouldHaveGotIsLate() {
        Spread spread = WindowSpread.spread(delta(0, 4 * MINUTE, 400, 0), MINUTE, 3 * MINUTE);

        assertThat(spread.lateBytes()).isEqualTo(300);
        assertThat(spread.slices()).extracting(Slice::windowStart).containsExactly(3 * MINUTE, 4 * MINUTE);
        assertThat(spread.slices().getFirst().part().getConnectionsOpened()).isZero();
    }

    @Test
    void deltaThatIsLateAsAWholeIsInNoWindow() {
        Spread spread = WindowSpread.spread(delta(0, MINUTE, 5, 6), MINUTE, 3 * MINUTE);

        assertThat(spread.slices()).isEmpty();
        assertThat(spread.lateBytes()).isEqualTo(11);
    }

    @Test
    void longSilenceBehindFinalWindowsCostsNoMoreThanTheOpenOnes() {
        long now = 365L * 24 * 60 * MINUTE;
        Spread spread = WindowSpread.spread(delta(0, now + 1, Long.MAX_VALUE / 4, 1), MINUTE, now - 2 * MINUTE);

        assertThat(spread.slices()).hasSize(3);
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
            Spread spread = WindowSpread.spread(delta(from, until, bytes, 3), size, closedUntil);

            // Then
            assertThat(sum(spread, LinkDelta::getBytesToServer)
                            + sum(spread, LinkDelta::getBytesToClient)
                            + spread.lateBytes())
                    .as("seed %d, %d bytes in [%d, %d), final until %d", seed, bytes, from, until, closedUntil)
                    .isEqualTo(bytes + 3);
            assertThat(spread.slices()).allSatisfy(slice -> {
                assertThat(slice.part().getBytesToServer()).isNotNegative();
                assertThat(slice.windowStart()).isGreaterThanOrEqualTo(closedUntil);
                assertThat(slice.part().getFrom()).isGreaterThanOrEqualTo(slice.windowStart());
                assertThat(slice.part().getUntil()).isLessThanOrEqualTo(slice.windowStart() + size);
            });
        }
    }

    private static long sum(Spread spread, ToLongFunction<LinkDelta> counter) {
        return spread.slices().stream().map(Slice::part).mapToLong(counter).sum();
    }
}
