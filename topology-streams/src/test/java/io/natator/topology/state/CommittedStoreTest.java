package io.natator.topology.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommittedStoreTest {
    private static final Bytes A = Bytes.wrap(new byte[] {'a'});
    private static final Bytes B = Bytes.wrap(new byte[] {'b'});

    private final AtomicInteger asked = new AtomicInteger();
    private final KeyValueStore<Bytes, byte[]> stored =
            Stores.inMemoryKeyValueStore("test").get();
    private final CommittedStore<Bytes, byte[]> store = new CommittedStore<>(stored, asked::incrementAndGet);

    private static byte[] bytes(long value) {
        return Serdes.Long().serializer().serialize("", value);
    }

    private static long number(byte @Nullable [] bytes) {
        return bytes == null ? 0 : Serdes.Long().deserializer().deserialize("", bytes);
    }

    private void commit() {
        store.flush();
        store.committedBy(Thread.currentThread());
    }

    @Test
    void changeIsVisibleWhenItIsCommitted() {
        store.put(A, bytes(1));
        assertThat(number(store.get(A))).isEqualTo(1);
        assertThat(store.committed(A)).isNull();
        assertThat(store.committed()).isEmpty();

        commit();
        assertThat(number(store.committed(A))).isEqualTo(1);

        store.put(A, bytes(2));
        store.put(A, bytes(3));
        assertThat(number(store.committed(A))).isEqualTo(1);
        assertThat(store.committed()).hasSize(1);

        commit();
        assertThat(number(store.committed(A))).isEqualTo(3);
    }

    @Test
    void writtenChangeIsNotVisibleBeforeItIsCommitted() {
        store.put(A, bytes(1));
        commit();

        store.put(A, bytes(2));
        store.flush();
        store.put(A, bytes(3));
        store.flush();

        assertThat(number(stored.get(A))).isEqualTo(3);
        assertThat(number(store.committed(A))).isEqualTo(1);
        assertThat(number(store.committed().get(A))).isEqualTo(1);
    }

    @Test
    void taskIteratesOverWhatItHasChanged() {
        store.put(A, bytes(1));

        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            assertThat(number(all.next().value)).isEqualTo(1);
        }
        store.put(B, bytes(2));
        try (KeyValueIterator<Bytes, byte[]> range = store.range(B, null)) {
            assertThat(number(range.next().value)).isEqualTo(2);
        }
    }

    @Test
    void deletedValueIsVisibleUntilTheDeletionIsCommitted() {
        store.put(A, bytes(1));
        store.put(B, bytes(2));
        commit();

        assertThat(store.delete(A)).isNotNull();
        assertThat(store.committed()).containsOnlyKeys(A, B);

        commit();
        assertThat(store.committed()).containsOnlyKeys(B);
    }

    @Test
    void commitOfAnotherThreadHasNoEffect() {
        store.put(A, bytes(1));

        store.committedBy(new Thread());

        assertThat(store.committed(A)).isNull();
    }

    @Test
    void storeOfAPartitionThatHasLeftCannotBeRead() {
        store.put(A, bytes(1));
        store.close();

        assertThatThrownBy(() -> store.committed(A)).isInstanceOf(InvalidStateStoreException.class);
        assertThatThrownBy(store::committed).isInstanceOf(InvalidStateStoreException.class);
    }

    @Test
    void commitIsRequestedWhenChangesReachTheLimit() {
        for (int i = 0; i < CommittedStore.MAX_UNCOMMITTED; i++) {
            assertThat(asked).hasValue(0);
            store.put(Bytes.wrap(bytes(i)), bytes(i));
        }

        assertThat(asked).hasValue(1);
    }

    /**
     * Within a transaction values can be odd, but at each commit they are even. So a reader that sees an odd value has
     * read uncommitted data.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void otherThreadsSeeCommittedValuesThatOnlyGrow(long seed) throws Exception {
        // Given
        var random = new SplittableRandom(seed);
        var done = new AtomicBoolean();
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<Integer> reader = executor.submit((Callable<Integer>) () -> {
                long[] last = new long[20];
                int reads = 0;
                while (!done.get()) {
                    for (Map.Entry<Bytes, byte[]> item : store.committed().entrySet()) {
                        last(last, number(item.getKey().get()), number(item.getValue()));
                        reads++;
                    }
                    int key = reads % last.length;
                    byte @Nullable [] one = store.committed(Bytes.wrap(bytes(key)));
                    last(last, key, number(one));
                }
                return reads;
            });

            // When
            for (int transaction = 0; transaction < 3_000 && !reader.isDone(); transaction++) {
                for (int change = random.nextInt(1, 20); change > 0; change--) {
                    Bytes key = Bytes.wrap(bytes(random.nextInt(20)));
                    byte @Nullable [] before = store.get(key);
                    long value = number(before);
                    store.put(key, before, bytes(value + 1));
                    if (random.nextInt(4) == 0) {
                        store.flush();
                    }
                    store.put(key, bytes(value + 2));
                }
                commit();
            }
            done.set(true);

            // Then
            assertThat(reader.get()).as("seed %d", seed).isPositive();
        }
    }

    private static void last(long[] last, long key, long value) {
        assertThat(value % 2).as("a value within a transaction").isZero();
        assertThat(value).isGreaterThanOrEqualTo(last[(int) key]);
        last[(int) key] = value;
    }
}
