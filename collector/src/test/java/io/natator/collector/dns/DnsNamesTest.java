package io.natator.collector.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.DnsAnswer;
import io.natator.bpf.DnsAnswerSource;
import io.natator.collector.handover.KafkaSender;
import io.natator.collector.snapshot.CollectingNode;
import io.natator.schemas.ClusterName;
import io.natator.schemas.DnsName;
import io.natator.schemas.NatatorSerdes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class DnsNamesTest {
    /** A source that returns the answers that a test adds. */
    private static final class FakeAnswers implements DnsAnswerSource {
        private final Queue<DnsAnswer> waiting = new ArrayDeque<>();
        private long measured;

        void answer(Message message) {
            waiting.add(new DnsAnswer(5_000, message.size(), message.bytes()));
        }

        @Override
        public int pollAnswers(int limit, Consumer<DnsAnswer> consumer) {
            int count = 0;
            for (; count < limit && !waiting.isEmpty(); count++) {
                consumer.accept(waiting.remove());
            }
            return count;
        }

        @Override
        public Statistics answerStatistics() {
            return new Statistics(++measured, 0, 0);
        }
    }

    private final FakeAnswers answers = new FakeAnswers();
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private long now = 1_000;
    private final DnsNames names = new DnsNames(
            answers,
            new KafkaSender(() -> producer, () -> now),
            "dns-names",
            NatatorSerdes.dnsName().serializer(),
            new CollectingNode(new ClusterName("eu-1"), "node-1"),
            nanos -> Instant.ofEpochSecond(0, nanos),
            () -> now);

    private static Message answer(String name, int lastByte) {
        return Message.answer(name, Message.A, 1).address(name, 60, 192, 0, 2, lastByte);
    }

    private List<String> markPublished() {
        return producer.history().stream()
                .map(record -> new String(record.key(), StandardCharsets.UTF_8) + " "
                        + NatatorSerdes.dnsName().decode(record.value()).getName())
                .toList();
    }

    @Test
    void publishesTheNameOfEachAddress() {
        // Given
        answers.answer(Message.answer("a.example", Message.A, 2)
                .address("a.example", 60, 192, 0, 2, 1)
                .address("a.example", 30, 192, 0, 2, 2));

        // When
        names.poll();

        // Then
        assertThat(markPublished()).containsExactly("eu-1/ip/192.0.2.1 a.example", "eu-1/ip/192.0.2.2 a.example");
        ProducerRecord<byte[], byte[]> record = producer.history().getFirst();
        assertThat(record.topic()).isEqualTo("dns-names");
        assertThat(NatatorSerdes.dnsName().decode(record.value()))
                .isEqualTo(new DnsName("a.example", Instant.ofEpochSecond(0, 5_000), 30, "node-1"));
    }

    @Test
    void publishesANameOnceAnHour() {
        for (int minute = 0; minute < 121; minute++) {
            answers.answer(answer("a.example", 1));
            answers.answer(answer("b.example", 1));
            names.poll();
            now += Duration.ofMinutes(1).toNanos();
        }

        assertThat(markPublished())
                .hasSize(6)
                .containsOnly("eu-1/ip/192.0.2.1 a.example", "eu-1/ip/192.0.2.1 b.example");
    }

    @Test
    void limitsTheRateAndCountsTheOthers() {
        for (int number = 0; number < 1_500; number++) {
            answers.answer(answer("host" + number + ".example", 1));
        }

        // When
        names.poll();
        names.poll();

        // Then
        assertThat(markPublished()).hasSize(1_000);
        assertThat(names.limited()).isEqualTo(500);
    }

    @Test
    void publishesAgainWhatDidNotArrive() {
        // Given
        answers.answer(answer("a.example", 1));
        names.poll();
        producer.errorNext(new TimeoutException("away"));

        // When
        answers.answer(answer("a.example", 1));
        names.poll();
        producer.completeNext();

        // Then
        assertThat(markPublished()).hasSize(2);
        assertThat(names.acknowledged()).isEqualTo(1);
    }

    @Test
    void publishesNeitherLoopbackNorUnspecifiedAddresses() {
        // Given
        answers.answer(Message.answer("localhost", Message.A, 2)
                .address("localhost", 60, 127, 0, 0, 1)
                .address("localhost", 60, 0, 0, 0, 0));

        // When
        names.poll();

        // Then
        assertThat(markPublished()).isEmpty();
    }

    @Test
    void readsTheSourcesFiguresOnlyInUpdateFigures() {
        // Given
        names.updateFigures();

        // When
        long first = names.answers().copied();
        long second = names.answers().copied();

        // Then
        assertThat(first).isEqualTo(1);
        assertThat(second).isEqualTo(1);
    }

    @Test
    void countsMessagesThatAreNotAnswers() {
        // Given
        answers.answer(Message.header(Message.RESPONSE, 1, 1).pointer(12));

        // When
        names.poll();

        // Then
        assertThat(markPublished()).isEmpty();
        assertThat(names.unreadable()).isEqualTo(1);
    }
}
