package io.natator.bpf;

import static io.natator.bpf.traffic.TestNetwork.CLIENT_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests which DNS answers are copied to user space, and how many bytes of them. */
@ParameterizedClass
@EnumSource(UdpHooks.class)
class UdpAnswersTest extends UdpFixture {
    private static final int DNS = 53;
    private static final int MOST = 1232;

    UdpAnswersTest(UdpHooks hooks) {
        super(hooks);
    }

    private UdpTracker open(boolean answers) {
        return UdpTrackers.open(options().withAnswers(answers));
    }

    private void answerWith(byte[] answer) {
        int named = server.socket(true);
        server.bind(named, SERVER_IPV4, DNS);
        server.reply(named, answer);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i * 7 + 3);
        }
        return bytes;
    }

    private static List<DnsAnswer> read(UdpTracker tracker) {
        List<DnsAnswer> answers = new ArrayList<>();
        tracker.pollAnswers(10_000, answers::add);
        return answers;
    }

    @Test
    void handsOutWhatCameFromPort53ToWhoHadAsked() {
        answerWith(bytes(300));
        try (UdpTracker tracker = open(true)) {
            // When
            client.ask(client.socket(true), SERVER_IPV4, DNS, 3, 40);

            // Then
            assertThat(read(tracker)).hasSize(3).allSatisfy(answer -> {
                assertThat(answer.payload()).isEqualTo(bytes(300));
                assertThat(answer.length()).isEqualTo(300);
            });
            assertThat(read(tracker)).isEmpty();
            assertThat(tracker.answerStatistics()).isEqualTo(new DnsAnswerSource.Statistics(3, 0, 0));
        }
    }

    @Test
    void copiesTheBeginningOfALongAnswerAndCountsItAsTruncated() {
        answerWith(bytes(1_400));
        try (UdpTracker tracker = open(true)) {
            // When
            client.ask(client.socket(true), SERVER_IPV4, DNS, 1, 40);

            // Then
            assertThat(read(tracker)).singleElement().satisfies(answer -> {
                assertThat(answer.payload()).isEqualTo(Arrays.copyOf(bytes(1_400), MOST));
                assertThat(answer.length()).isEqualTo(1_400);
            });
            assertThat(tracker.answerStatistics().truncated()).isEqualTo(1);
        }
    }

    @Test
    void countsAnswersThatTheRingHasNoSpaceFor() {
        int count = 400;
        answerWith(bytes(100));
        try (UdpTracker tracker = open(true)) {
            // When
            client.ask(client.socket(true), SERVER_IPV4, DNS, count, 40);

            // Then
            int read = read(tracker).size();
            assertThat(read).isBetween(150, 250);
            assertThat(tracker.answerStatistics()).isEqualTo(new DnsAnswerSource.Statistics(read, 0, count - read));
        }
    }

    @Test
    void ignoresUnsolicitedAnswers() {
        try (UdpTracker tracker = open(true)) {
            int unasked = client.socket(true);
            int given = client.bindToAny(unasked, CLIENT_IPV4);
            int pretending = server.socket(true);
            server.bind(pretending, SERVER_IPV4, DNS);

            // When
            for (int i = 0; i < 3; i++) {
                server.send(pretending, CLIENT_IPV4, given, 100);
                client.receive(unasked, 1_000);
            }

            // Then
            assertThat(read(tracker)).isEmpty();
        }
    }

    @Test
    void copiesNoAnswersByDefault() {
        answerWith(bytes(100));
        try (UdpTracker tracker = open(false)) {
            // When
            client.ask(client.socket(true), SERVER_IPV4, DNS, 3, 40);

            // Then
            assertThat(read(tracker)).isEmpty();
            assertThat(tracker.answerStatistics()).isEqualTo(new DnsAnswerSource.Statistics(0, 0, 0));
        }
    }
}
