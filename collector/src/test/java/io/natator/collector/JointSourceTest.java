package io.natator.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.DnsAnswer;
import io.natator.bpf.DnsAnswerSource;
import io.natator.bpf.SocketBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class JointSourceTest {
    private final FakeSocketSource tcp = new FakeSocketSource();
    private final FakeSocketSource udp = new FakeSocketSource();
    private final JointSource joint = new JointSource(tcp, udp, new NoAnswers());

    private static final class NoAnswers implements DnsAnswerSource {
        @Override
        public int pollAnswers(int limit, Consumer<DnsAnswer> consumer) {
            return 0;
        }

        @Override
        public Statistics answerStatistics() {
            return new Statistics(0, 0, 0);
        }
    }

    @Test
    void alternatesAndReleasesInTheRightSource() {
        // Given
        tcp.happen(Sockets.closed(1, 1), Sockets.closed(2, 2), Sockets.closed(3, 3));
        udp.happen(Sockets.closed(11, 1), Sockets.closed(12, 2));
        List<SocketBatch> batches = new ArrayList<>();
        List<Long> cookies = new ArrayList<>();

        // When
        for (SocketBatch batch = joint.poll(1); !batch.records().isEmpty(); batch = joint.poll(1)) {
            batches.add(batch);
            batch.records().stream().map(record -> record.id().cookie()).forEach(cookies::add);
        }
        batches.subList(0, 4).forEach(SocketBatch::release);

        // Then
        assertThat(cookies).containsExactly(11L, 1L, 12L, 2L, 3L);
        assertThat(tcp.released()).isEqualTo(2);
        assertThat(udp.released()).isEqualTo(2);
        assertThat(tcp.releasedOutOfOrder() || udp.releasedOutOfOrder()).isFalse();
    }

    @Test
    void readsTheLiveConnectionsOfBoth() {
        // Given
        tcp.live(Sockets.live(1, 5));
        udp.live(Sockets.live(11, 5));
        List<Long> cookies = new ArrayList<>();

        // When
        joint.readLive(live -> cookies.add(live.id().cookie()));

        // Then
        assertThat(cookies).containsExactly(1L, 11L);
    }

    @Test
    void previewsUdpOnly() {
        // Given
        tcp.live(Sockets.live(1, 5));
        udp.live(Sockets.live(11, 5), Sockets.live(12, 5));
        List<Long> cookies = new ArrayList<>();

        // When
        joint.preview(
                (connection, counters) -> connection.cookie() != 12,
                live -> cookies.add(live.id().cookie()));

        // Then
        assertThat(cookies).containsExactly(11L);
    }

    @Test
    void returnsTheFiguresOfEach() {
        // Given
        udp.live(Sockets.live(11, 5), Sockets.live(12, 5));

        // When
        long live = joint.statistics().live().used();

        // Then
        assertThat(live).isZero();
        assertThat(joint.udpStatistics().live().used()).isEqualTo(2);
    }

    @Test
    void closesBoth() {
        // When
        joint.close();

        // Then
        assertThat(tcp.closed()).isTrue();
        assertThat(udp.closed()).isTrue();
    }
}
