package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.libbpf.BpfIterator;
import io.natator.bpf.libbpf.BpfObject;
import io.natator.bpf.libbpf.BpfSpec;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Tests that the space of records that a program reserves in the ring buffer and then discards is freed again. */
class DiscardedRecordsTest {
    private static final int RECORDS = 20;
    private static final int NONE = RECORDS;
    /** Size in bytes of a record in the ring buffer, including its header. */
    private static final int RECORD_BYTES = 160;

    @Test
    void ringFullOfDiscardedRecordsIsFreed() throws IOException {
        try (Discarding discarding = new Discarding(NONE)) {
            for (int run = 0; run < 5; run++) {
                // When
                discarding.reserve.run();
                SocketBatch batch = discarding.reader.poll(10);

                // Then
                assertThat(batch.records()).isEmpty();
                assertThat(discarding.statistics.count(KernelStatistic.LOST)).isZero();
            }
        }
    }

    @Test
    void discardedRecordsOccupySpaceUntilTheRecordBeforeThemIsReleased() throws IOException {
        try (Discarding discarding = new Discarding(0)) {
            // Given
            discarding.reserve.run();
            SocketBatch record = discarding.reader.poll(1);
            assertThat(record.records()).hasSize(1);

            // When
            assertThat(discarding.reader.poll(10).records()).isEmpty();
            long before = discarding.ring.unreleasedBytes();
            record.release();
            assertThat(discarding.reader.poll(10).records()).isEmpty();

            // Then
            assertThat(before).isEqualTo(RECORDS * RECORD_BYTES);
            assertThat(discarding.ring.unreleasedBytes()).isZero();
        }
    }

    /** Loads discards.bpf.c. In each run, its program discards all records or all except one. */
    private static final class Discarding implements AutoCloseable {
        final BpfObject object;
        final RingBuffer ring;
        final KernelStatistics statistics;
        final EventReader reader;
        final BpfIterator reserve;

        Discarding(int submitted) throws IOException {
            try (InputStream elf =
                            Objects.requireNonNull(DiscardedRecordsTest.class.getResourceAsStream("/discards.bpf.o"));
                    BpfSpec spec = BpfSpec.open("discards", elf.readAllBytes())) {
                spec.constant("submitted", submitted);
                object = spec.load();
            }
            ring = new RingBuffer(object.map("events"));
            statistics = new KernelStatistics(object.map("statistics"));
            reader = new EventReader(ring, new SpillReader(List.of()), new FoldReader(object.map("fold")), statistics);
            reserve = object.attachIterator("reserve", object.map("records"));
        }

        @Override
        public void close() {
            reserve.close();
            reader.close();
            object.close();
        }
    }
}
