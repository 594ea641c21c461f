package io.natator.bpf;

import static io.natator.bpf.traffic.TestNetwork.CLIENT_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.ConnectionFilter.Selection;
import io.natator.bpf.traffic.DatagramProcess;
import io.natator.bpf.traffic.TestNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Which answers of the DNS are handed out, and how much of them. */
@ParameterizedClass
@EnumSource(UdpHooks.class)
class UdpAnswersTest {
    private static final int DNS = 53;
    private static final int MOST = 1232;

    private static TestNetwork network;
    private static Set<Long> namespaces;

    private final UdpHooks hooks;
    private DatagramProcess client;
    private DatagramProcess server;

    UdpAnswersTest(UdpHooks hooks) {
        this.hooks = hooks;
    }

    @BeforeAll
    static void startNetwork() {
        network = TestNetwork.create();
        namespaces = Set.of(TestNetwork.inode(network.client()), TestNetwork.inode(network.server()));
    }

    @AfterAll
    static void stopNetwork() {
        network.close();
    }

    @BeforeEach
    void startProcesses() {
        client = network.startDatagrams(network.client(), "udp-client");
        server = network.startDatagrams(network.server(), "udp-server");
    }

    @AfterEach
    void stopProcesses() {
        client.close();
        server.close();
    }

    private UdpTracker open(boolean answers) {
        return UdpTrackers.open(UdpTrackers.options(hooks)
                .withAnswers(answers)
                .withFilter(ConnectionFilter.everything().withNetworkNamespaces(Selection.only(namespaces))));
    }

    private void answerWith(byte[] answer) {
        int listening = server.socket(true);
        server.bind(listening, SERVER_IPV4, DNS);
        server.reply(listening, answer);
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
        tracker.readAnswers(10_000, answers::add);
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
    void handsOutTheBeginningOfALongOneAndSaysSo() {
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
    void countsThoseThatFindNoRoom() {
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
    void ignoresWhatNobodyAskedFor() {
        try (UdpTracker tracker = open(true)) {
            int listening = client.socket(true);
            int port = client.bindToAny(listening, CLIENT_IPV4);
            int pretending = server.socket(true);
            server.bind(pretending, SERVER_IPV4, DNS);

            // When
            for (int i = 0; i < 3; i++) {
                server.send(pretending, CLIENT_IPV4, port, 100);
                client.receive(listening, 1_000);
            }

            // Then
            assertThat(read(tracker)).isEmpty();
        }
    }

    @Test
    void handsOutNoneUnlessAskedTo() {
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
