package io.natator.topology.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.topology.ledger.DueIndex.Due;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DueIndexTest {
    private final KeyValueStore<Bytes, byte[]> store =
            Stores.inMemoryKeyValueStore("due").get();
    private final DueIndex index = new DueIndex(store);

    @Test
    void dueItemsAreReturnedOnceInOrder() {
        index.schedule(Due.dueAt(30).key(1));
        index.schedule(Due.dueAt(10).key(-7));
        index.schedule(Due.dueAt(20).key(2));

        assertThat(index.poll(25, 10))
                .containsExactly(Due.dueAt(10).key(-7), Due.dueAt(20).key(2));
        assertThat(index.poll(25, 10)).isEmpty();
        assertThat(index.poll(30, 10)).containsExactly(Due.dueAt(30).key(1));
    }

    @Test
    void itemsAboveTheLimitAreReturnedNext() {
        index.schedule(Due.dueAt(10).key(1));
        index.schedule(Due.dueAt(10).key(2));
        index.schedule(Due.dueAt(10).key(3));
        index.schedule(Due.dueAt(11).key(4));

        assertThat(index.poll(20, 2)).hasSize(2);
        assertThat(index.poll(20, 2))
                .containsExactly(Due.dueAt(10).key(3), Due.dueAt(11).key(4));
    }

    @Test
    void itemScheduledInThePastIsDue() {
        index.schedule(Due.dueAt(100).key(1));
        assertThat(index.poll(200, 10)).hasSize(1);

        index.schedule(Due.dueAt(50).key(2));

        assertThat(index.poll(200, 10)).containsExactly(Due.dueAt(50).key(2));
    }

    @Test
    void cancelledItemIsNotDueWrittenOrNot() {
        index.schedule(Due.dueAt(10).key(1));
        index.cancel(Due.dueAt(10).key(1));
        index.flush();
        assertThat(store.approximateNumEntries()).isZero();

        index.schedule(Due.dueAt(10).key(2));
        index.flush();
        index.cancel(Due.dueAt(10).key(2));
        index.schedule(Due.dueAt(10).key(2));
        index.cancel(Due.dueAt(10).key(2));
        index.flush();

        assertThat(store.approximateNumEntries()).isZero();
        assertThat(index.poll(20, 10)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void noItemIsLostOrReturnedTwice(long seed) {
        // Given
        var random = new SplittableRandom(seed);
        List<Due> added = new ArrayList<>();
        List<Due> taken = new ArrayList<>();

        // When
        for (int now = 0; now < 500; now++) {
            for (int i = random.nextInt(5); i > 0; i--) {
                Due due = Due.dueAt(Math.max(0, now + random.nextInt(-5, 60))).key(random.nextLong());
                index.schedule(due);
                added.add(due);
            }
            if (random.nextBoolean()) {
                index.flush();
            }
            taken.addAll(index.poll(now, 1 + random.nextInt(4)));
        }
        taken.addAll(index.poll(1_000, 10_000));

        // Then
        Comparator<Due> order = Comparator.comparingLong(Due::at).thenComparingLong(Due::key);
        assertThat(taken.stream().sorted(order))
                .as("seed %d", seed)
                .containsExactlyElementsOf(added.stream().sorted(order).toList());
    }
}
