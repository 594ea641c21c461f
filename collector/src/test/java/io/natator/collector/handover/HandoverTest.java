package io.natator.collector.handover;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord;
import io.natator.collector.FakeSocketSource;
import io.natator.collector.Sockets;
import io.natator.collector.handover.KafkaSender.Outcome;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HandoverTest {
    private static final int BOUND = 10;

    private final FakeSocketSource source = new FakeSocketSource();
    private final AtomicLong now = new AtomicLong();
    private final List<MockProducer<byte[], byte[]>> producers = new ArrayList<>();
    private final Deque<KafkaException> refusals = new ArrayDeque<>();
    private final KafkaSender sender = new KafkaSender(this::newProducer, now::get);
    private final Handover handover = new Handover(source, HandoverTest::record, sender, BOUND);

    private MockProducer<byte[], byte[]> newProducer() {
        if (!refusals.isEmpty()) {
            throw refusals.remove();
        }
        var producer = new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        producers.add(producer);
        return producer;
    }

    /** Returns a record whose value is the socket cookie; null for cookies above one million. */
    private static @Nullable ProducerRecord<byte[], byte[]> record(SocketRecord socket) {
        byte[] cookie =
                ByteBuffer.allocate(Long.BYTES).putLong(socket.id().cookie()).array();
        return socket.id().cookie() > 1_000_000 ? null : new ProducerRecord<>("connections", cookie, cookie);
    }

    private static List<Long> sent(MockProducer<byte[], byte[]> producer) {
        return producer.history().stream()
                .map(record -> ByteBuffer.wrap(record.value()).getLong())
                .toList();
    }

    private void close(long... cookies) {
        for (long cookie : cookies) {
            source.happen(Sockets.closed(cookie, cookie));
        }
    }

    @Test
    void releasesOnlyAcknowledgedBatchesInOrder() {
        // Given
        close(1, 2);
        handover.poll();
        close(3);
        handover.poll();
        MockProducer<byte[], byte[]> producer = producers.getFirst();
        assertThat(source.read()).isEqualTo(3);
        // When
        producer.completeNext();
        handover.poll();
        // Then
        assertThat(source.released()).isZero();
        // When
        producer.completeNext();
        handover.poll();
        // Then
        assertThat(source.released()).isEqualTo(2);
        // When
        producer.completeNext();
        handover.poll();
        // Then
        assertThat(source.released()).isEqualTo(3);
        assertThat(source.releasedOutOfOrder()).isFalse();
        assertThat(handover.unacknowledgedBatches()).isZero();
        assertThat(handover.unacknowledgedRecords()).isZero();
    }

    @Test
    void stopsReadingAtTheBound() {
        // Given
        close(LongStream.rangeClosed(1, 25).toArray());
        // When
        handover.poll();
        handover.poll();
        // Then
        assertThat(source.read()).isEqualTo(BOUND);
        assertThat(handover.unacknowledgedRecords()).isEqualTo(BOUND);
        // When
        for (int i = 0; i < 4; i++) {
            producers.getFirst().flush();
            handover.poll();
        }
        // Then
        assertThat(source.released()).isEqualTo(25);
        assertThat(source.largestReadAhead()).isEqualTo(BOUND);
        assertThat(sent(producers.getFirst()))
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 25).boxed().toList());
    }

    @Test
    void countsEventsThatWaitForAnEarlierRecord() {
        // Given
        close(LongStream.rangeClosed(1, 25).toArray());
        handover.poll();
        MockProducer<byte[], byte[]> producer = producers.getFirst();
        producer.errorNext(new TimeoutException("one partition has no leader"));
        producer.flush();
        // When
        handover.poll();
        // Then
        assertThat(handover.unacknowledgedRecords()).isEqualTo(1);
        assertThat(source.read()).isEqualTo(BOUND);
        assertThat(source.released()).isZero();
    }

    @Test
    void retriesWhatTimedOut() {
        // Given
        close(1, 2);
        handover.poll();
        MockProducer<byte[], byte[]> producer = producers.getFirst();
        producer.errorNext(new TimeoutException("no answer"));
        producer.completeNext();
        // When
        handover.poll();
        // Then
        assertThat(source.released()).isZero();
        assertThat(sent(producer)).containsExactly(1L, 2L, 1L);
        // When
        producer.flush();
        handover.poll();
        // Then
        assertThat(source.released()).isEqualTo(2);
        assertThat(producers).hasSize(1);
        assertThat(sender.failures()).isEqualTo(1);
    }

    @Test
    void replacesABrokenProducer() {
        // Given
        close(1, 2);
        handover.poll();
        producers.getFirst().errorNext(new OutOfOrderSequenceException("sequence lost"));
        producers.getFirst().completeNext();
        refusals.add(new KafkaException("No resolvable bootstrap urls"));
        // When
        now.addAndGet(3_000_000_000L);
        handover.poll();
        // Then
        assertThat(producers.getFirst().closed()).isTrue();
        assertThat(sender.lastFailure()).contains("No resolvable");
        assertThat(source.released()).isZero();
        // When
        now.addAndGet(3_000_000_000L);
        handover.poll();
        producers.get(1).flush();
        handover.poll();
        // Then
        assertThat(sent(producers.get(1))).containsExactly(1L);
        assertThat(source.released()).isEqualTo(2);
    }

    @Test
    void dropsRecordsThatKafkaRefusesForGood() {
        // Given
        close(1, 2);
        handover.poll();
        producers.getFirst().errorNext(new RecordTooLargeException("1 MB is too much"));
        producers.getFirst().completeNext();
        // When
        handover.poll();
        // Then
        assertThat(source.released()).isEqualTo(2);
        assertThat(sender.refused()).isEqualTo(1);
        assertThat(sent(producers.getFirst())).containsExactly(1L, 2L);
    }

    @Test
    void retriesWhatTheProducerDoesNotAccept() {
        // Given
        close(1, 2, 3);
        handover.poll();
        producers.getFirst().flush();
        handover.poll();
        producers.getFirst().sendException = new TimeoutException("the buffer is full");
        close(4, 5, 6);
        // When
        handover.poll();
        handover.poll();
        // Then
        assertThat(source.read()).isEqualTo(6);
        assertThat(source.released()).isEqualTo(3);
        // When
        producers.getFirst().sendException = null;
        handover.poll();
        producers.getFirst().flush();
        handover.poll();
        // Then
        assertThat(source.released()).isEqualTo(6);
        assertThat(sent(producers.getFirst())).contains(4L, 5L, 6L);
    }

    @Test
    void releasesEventsThatAreNotSent() {
        // Given
        close(1_000_001, 1_000_002);
        // When
        handover.poll();
        // Then
        assertThat(source.released()).isEqualTo(2);
        assertThat(producers).isEmpty();
    }

    @Test
    void removesOpensThatTheirCloseSupersedes() {
        // Given
        source.happen(
                Sockets.opened(1), Sockets.opened(2), Sockets.closed(1, 5), Sockets.opened(3), Sockets.closed(9, 1));
        // When
        handover.poll();
        producers.getFirst().flush();
        handover.poll();
        // Then
        assertThat(sent(producers.getFirst())).containsExactly(2L, 1L, 3L, 9L);
        assertThat(source.released()).isEqualTo(5);
    }

    @Test
    void completesEverySendOnceWhenItIsClosed() {
        // Given
        List<Outcome> outcomes = new ArrayList<>();
        sender.send(new ProducerRecord<>("connections", new byte[0], new byte[0]), outcomes::add);
        producers.getFirst().completeNext();
        // When
        sender.close();
        // Then
        assertThat(outcomes).containsExactly(Outcome.ACKNOWLEDGED);
        assertThat(producers.getFirst().closed()).isTrue();
    }
}
