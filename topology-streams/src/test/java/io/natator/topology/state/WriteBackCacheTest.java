package io.natator.topology.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteBackCacheTest {
    private static final Bytes A = key(1);

    private final KeyValueStore<Bytes, byte[]> store =
            Stores.inMemoryKeyValueStore("test").get();
    private final WriteBackCache<Bytes, byte[]> values = new WriteBackCache<>(store, 3);

    private static Bytes key(int number) {
        return Bytes.wrap(new byte[] {(byte) number});
    }

    private void put(Bytes key, int value) {
        values.put(key, values.get(key), new byte[] {(byte) value});
    }

    @Test
    void changeIsVisibleAtOnceAndWrittenByFlush() {
        put(A, 1);
        put(A, 2);

        assertThat(values.get(A)).containsExactly(2);
        assertThat(values.unwritten()).isEqualTo(1);
        assertThat(store.get(A)).isNull();

        values.flush();
        assertThat(store.get(A)).containsExactly(2);
        assertThat(values.unwritten()).isZero();
    }

    @Test
    void valueThatIsAddedAndDeletedIsNeverWritten() {
        put(A, 1);
        values.put(A, values.get(A), null);
        assertThat(values.get(A)).isNull();

        values.flush((key, before) -> assertThat(key).as("written").isNull());

        assertThat(store.get(A)).isNull();
        assertThat(values.get(A)).isNull();
    }

    @Test
    void listenerGetsTheStoredValueBeforeItChanges() {
        put(A, 1);
        values.flush();
        put(A, 2);
        put(A, 3);

        Map<Bytes, byte[]> changed = new HashMap<>();
        values.flush((key, before) -> {
            assertThat(store.get(key)).isEqualTo(before);
            changed.put(key, before);
        });

        assertThat(changed.get(A)).containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void behavesLikeAMap(long seed) {
        // Given
        var random = new SplittableRandom(seed);
        Map<Bytes, byte[]> expected = new HashMap<>();

        // When
        for (int step = 0; step < 2_000; step++) {
            Bytes key = key(random.nextInt(10));
            switch (random.nextInt(4)) {
                case 0 -> {
                    values.put(key, values.get(key), null);
                    expected.remove(key);
                }
                case 1 -> values.flush();
                default -> {
                    put(key, step);
                    expected.put(key, new byte[] {(byte) step});
                }
            }
            Bytes read = key(random.nextInt(10));
            assertThat(values.get(read)).as("seed %d", seed).isEqualTo(expected.get(read));
        }
        values.flush();

        // Then
        Map<Bytes, byte[]> written = new HashMap<>();
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            all.forEachRemaining(item -> written.put(item.key, item.value));
        }
        assertThat(written).as("seed %d", seed).containsExactlyInAnyOrderEntriesOf(expected);
    }
}
