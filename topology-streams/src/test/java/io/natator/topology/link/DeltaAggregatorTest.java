package io.natator.topology.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.LinkTotals;
import io.natator.schemas.LinkWindow;
import io.natator.topology.link.WindowSpread.Slice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeltaAggregatorTest {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final long SIZE = 60_000_000;
    private static final long START = 1_700_000_000_000_000L - 1_700_000_000_000_000L % SIZE;
    private static final Bytes LINK = Bytes.wrap(new byte[] {1});

    private final DeltaAggregator deltas = new DeltaAggregator(WINDOW);

    /** The totals and windows of all links, and the number of deltas that were added to them. */
    private static final class Outcome {
        private final Map<Bytes, LinkTotals> totals = new TreeMap<>();
        private final Map<String, LinkWindow> windows = new TreeMap<>();
        private int deltas;

        void add(Bytes link, LinkDelta delta) {
            deltas++;
            totals.put(link, LinkAggregates.add(totals.get(link), delta));
            for (Slice slice : new WindowSpread(WINDOW).spread(delta, 0).slices()) {
                windows.compute(link + "@" + slice.windowStart(), (key, window) -> LinkAggregates.add(window, slice));
            }
        }
    }

    private static LinkDelta delta(long from, long until, long bytes, String failure, String owner, Long... rtts) {
        return new LinkDelta(
                        TimeSpan.from(from).until(until),
                        Traffic.builder()
                                .bytesToServer(bytes)
                                .bytesToClient(3 * bytes)
                                .segmentsToServer(7)
                                .segmentsToClient(5)
                                .build(),
                        ConnectionCounts.builder().opened(1).closed(2).build(),
                        new Quality(1, List.of(rtts), until - from))
                .withFailure(failure)
                .withLabels(new CarettaLabels(owner, owner.length()));
    }

    @Test
    void deltasOfAWindowBecomeOne() {
        assertThat(deltas.add(LINK, delta(START, START + 10, 5, "", "", 7L))).isTrue();
        assertThat(deltas.add(LINK, delta(START + 5, START + 30, 6, "", "owner", 8L)))
                .isTrue();

        List<LinkDelta> drained = new ArrayList<>();
        deltas.drain((link, delta) -> drained.add(delta));

        assertThat(drained)
                .containsExactly(new LinkDelta(
                                TimeSpan.from(START).until(START + 30),
                                Traffic.builder()
                                        .bytesToServer(11)
                                        .bytesToClient(33)
                                        .segmentsToServer(14)
                                        .segmentsToClient(10)
                                        .build(),
                                ConnectionCounts.builder().opened(2).closed(4).build(),
                                new Quality(2, List.of(7L, 8L), 35))
                        .withLabels(new CarettaLabels("owner", 5)));
        assertThat(deltas.size()).isZero();
    }

    @Test
    void deltaThatCannotBeAggregatedIsForwardedAsItIs() {
        assertThat(deltas.add(LINK, delta(START, START + 1, 1, "RESET", ""))).isFalse();
        assertThat(deltas.add(LINK, delta(START, START + 2 * SIZE, 1, "", ""))).isFalse();
        assertThat(deltas.add(LINK, delta(START + 1, START + SIZE, 1, "", ""))).isFalse();
        assertThat(deltas.add(LINK, delta(START + 1, START + SIZE + 1, 1, "", "owner")))
                .isFalse();
        assertThat(deltas.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void totalsAndWindowsEqualThoseOfTheSingleDeltas(long seed) {
        // Given
        var random = new SplittableRandom(seed);
        var single = new Outcome();
        var summed = new Outcome();

        // When
        for (int i = 0; i < 2_000; i++) {
            Bytes link = Bytes.wrap(new byte[] {(byte) random.nextInt(2)});
            long from = START + random.nextLong(5 * SIZE);
            long until = from + random.nextLong(1 + (random.nextInt(20) == 0 ? 4 * SIZE : SIZE / 10));
            if (random.nextInt(20) == 0) {
                until -= until % SIZE;
                from = Math.min(from, until);
            }
            LinkDelta delta = delta(
                    from,
                    until,
                    random.nextLong(1_000_000),
                    random.nextInt(30) == 0 ? "RESET" : "",
                    random.nextInt(30) == 0 ? "owner" : "",
                    1 + random.nextLong(100_000));
            single.add(link, delta);
            if (!deltas.add(link, delta)) {
                summed.add(link, delta);
            }
            if (random.nextInt(500) == 0) {
                deltas.drain(summed::add);
            }
        }
        deltas.drain(summed::add);

        // Then
        assertThat(summed.totals).as("seed %d", seed).isEqualTo(single.totals);
        assertThat(summed.windows).as("seed %d", seed).isEqualTo(single.windows);
        assertThat(summed.deltas).isLessThan(single.deltas / 2);
    }
}
