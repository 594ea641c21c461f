package io.natator.collector.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.ConnectionId;
import io.natator.bpf.Counters;
import io.natator.bpf.Endpoint;
import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketRecord.CloseReason;
import io.natator.bpf.SocketRecord.Connection;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Lifecycle;
import io.natator.bpf.SocketRecord.Owner;
import io.natator.bpf.SocketRecord.Quality;
import io.natator.bpf.SocketRecord.Role;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests which server is found for a client's flow. Unless a test says otherwise, the client is a pod and asks the DNS
 * cache of its node, which answers in the host's network namespace.
 */
class LocalPeersTest {
    private static final long HOST = 1;
    private static final long POD = 2;
    private static final long OTHER_POD = 3;
    private static final Owner CACHE = new Owner(100, 1_000, "node-cache");
    private static final Owner OTHER = new Owner(200, 2_000, "coredns");
    private static final Endpoint DNS = endpoint("10.96.0.10", 53);

    private final LocalPeers peers = new LocalPeers();

    private static Endpoint endpoint(String address, int port) {
        return new Endpoint(InetAddress.ofLiteral(address), port);
    }

    /** Port of the client of the n-th question. */
    private static Endpoint asking(int question) {
        return endpoint("10.244.0.7", 40_000 + question);
    }

    /**
     * A flow that began at a second after the boot.
     *
     * @param until when it ended, or was read
     */
    private record Flow(Role role, Event event, long cookie, double from, double until, Owner owner) {
        static Flow client(double from, double until) {
            return new Flow(Role.CLIENT, Event.CLOSED, (long) (from * 1_000), from, until, new Owner(9, 9, "curl"));
        }

        static Flow server(double from, double until) {
            return new Flow(Role.SERVER, Event.CLOSED, 1, from, until, CACHE);
        }

        Flow live() {
            return new Flow(role, Event.LIVE, cookie, from, until, owner);
        }

        Flow folded() {
            return new Flow(role, Event.FOLDED, 0, from, until, owner);
        }

        Flow of(long socket, Owner process) {
            return new Flow(role, event, socket, from, until, process);
        }

        SocketRecord at(long namespace, Endpoint local, Endpoint remote) {
            return at(namespace, local, remote, 1);
        }

        SocketRecord at(long namespace, Endpoint local, Endpoint remote, long received) {
            return new SocketRecord(
                    event,
                    ConnectionId.ofCookie(cookie).startedAt(nanos(from)),
                    new Connection(17, role, 0, local, remote, namespace),
                    owner,
                    Counters.builder()
                            .segmentsSent(1)
                            .segmentsReceived(received)
                            .build(),
                    Quality.UNKNOWN,
                    new Lifecycle(nanos(until), event == Event.CLOSED ? CloseReason.IDLE : CloseReason.NONE));
        }

        static long nanos(double seconds) {
            return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        }
    }

    private static SocketRecord question(int number, double at) {
        return Flow.client(at, at + 0.01).at(POD, asking(number), DNS);
    }

    private static SocketRecord unanswered(int number, double at) {
        return Flow.client(at, at + 0.01).at(POD, asking(number), DNS, 0);
    }

    private static SocketRecord answer(int number, double at) {
        return answer(number, at, 1, CACHE);
    }

    private static SocketRecord answer(int number, double at, long socket, Owner owner) {
        return Flow.server(at, at + 0.01).of(socket, owner).at(HOST, DNS, asking(number));
    }

    /** A question that was answered, and that both ends reported. */
    private void answered(int number, double at, long socket, Owner owner) {
        peers.observe(answer(number, at, socket, owner));
        assertThat(peers.of(question(number, at))).isEqualTo(owner);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.96.0.10", "169.254.20.10", "fd00:10:96::a", "10.244.0.9"})
    void findsTheServerWhoseFlowHasTheSameAddresses(String address) {
        Endpoint dns = endpoint(address, 53);
        peers.observe(Flow.server(10, 10).live().at(HOST, dns, asking(0)));

        assertThat(peers.of(Flow.client(10, 10).live().at(POD, asking(0), dns))).isEqualTo(CACHE);
        assertThat(peers.found()).isEqualTo(1);
        assertThat(peers.uncertain()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        // Columns: the server's local address and its remote address, what is between client and server
        "10.244.0.5, 53,   10.244.0.7, 40000, DNAT",
        "10.96.0.10, 1053, 10.244.0.7, 40000, DNAT of the port",
        "10.96.0.10, 53,   192.168.0.1, 40000, masquerade",
        "10.96.0.10, 53,   10.244.0.7, 61000, masquerade of the port"
    })
    void doesNotPairThroughTranslation(String local, int localPort, String remote, int remotePort, String what) {
        peers.observe(Flow.server(10, 10).at(OTHER_POD, endpoint(local, localPort), endpoint(remote, remotePort)));

        assertThat(peers.of(question(0, 10))).as(what).isNull();
    }

    @Test
    void otherRecordsHaveNoPeer() {
        peers.observe(answer(0, 10));

        assertThat(peers.of(answer(0, 10))).isNull();
        SocketRecord question = question(0, 10);
        Connection udp = question.connection();
        assertThat(peers.of(new SocketRecord(
                        question.event(),
                        question.id(),
                        new Connection(6, udp.role(), 1, udp.local(), udp.remote(), udp.networkNamespace()),
                        question.owner(),
                        question.counters(),
                        question.quality(),
                        question.lifecycle())))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.53", "::1, ::1", "169.254.20.10, 169.254.20.10", "10.244.0.7, 127.0.0.1"})
    void addressesThatStayInANamespacePairOnlyThere(String client, String server) {
        // Given
        Endpoint asking = endpoint(client, 40_000);
        Endpoint dns = endpoint(server, 53);
        peers.observe(Flow.server(10, 11).at(OTHER_POD, dns, asking));

        // When / Then
        assertThat(peers.of(Flow.client(10, 11).at(POD, asking, dns))).isNull();
        assertThat(peers.of(Flow.client(10, 11).at(OTHER_POD, asking, dns))).isEqualTo(CACHE);
    }

    @Test
    void isNotCertainIfServersOfTwoOwnersHaveTheAddresses() {
        peers.observe(Flow.server(10, 12).live().at(HOST, DNS, asking(0)));
        peers.observe(Flow.server(11, 12).of(2, OTHER).live().at(OTHER_POD, DNS, asking(0)));

        assertThat(peers.of(question(0, 11))).isNull();
        assertThat(peers.uncertain()).isEqualTo(1);
    }

    @Test
    void socketsOfOneOwnerAreOneServer() {
        peers.observe(answer(0, 10, 1, new Owner(100, 0, "")));
        peers.observe(answer(0, 10.005, 2, CACHE));

        assertThat(peers.of(question(0, 10))).isEqualTo(CACHE);
    }

    @Test
    void processThatBecomesKnownLaterIsUsed() {
        peers.observe(Flow.server(10, 10).of(1, new Owner(100, 0, "")).live().at(HOST, DNS, asking(0)));
        peers.observe(Flow.server(10, 11).live().at(HOST, DNS, asking(0)));

        assertThat(peers.of(question(0, 10))).isEqualTo(CACHE);
    }

    @Test
    void processIsThatOfAnotherFlowOfTheSocket() {
        peers.observe(answer(1, 9));
        peers.observe(answer(0, 10, 1, new Owner(1, 0, "")));

        assertThat(peers.of(question(0, 10))).isEqualTo(CACHE);
    }

    @Test
    void serverInTheRootCgroupIsNotCertainBeforeItsProcessIsKnown() {
        peers.observe(answer(0, 10, 1, new Owner(1, 0, "")));

        assertThat(peers.of(question(0, 10))).isNull();
        assertThat(peers.uncertain()).isEqualTo(1);
    }

    @Test
    void processesInTheRootCgroupAreDifferentOwners() {
        peers.observe(
                Flow.server(10, 12).of(1, new Owner(1, 1_000, "one")).live().at(HOST, DNS, asking(0)));
        peers.observe(
                Flow.server(11, 12).of(2, new Owner(1, 2_000, "two")).live().at(HOST, DNS, asking(0)));

        assertThat(peers.of(question(0, 11))).isNull();
    }

    @Test
    void isNotCertainIfClientsOfTwoNamespacesHaveTheAddresses() {
        peers.observe(Flow.server(10, 12).live().at(HOST, DNS, asking(0)));
        peers.of(Flow.client(10, 11).at(POD, asking(0), DNS));

        assertThat(peers.of(Flow.client(10, 11).at(OTHER_POD, asking(0), DNS))).isNull();
        assertThat(peers.of(Flow.client(10, 12).at(POD, asking(0), DNS))).isNull();
    }

    @Test
    void flowThatEndedBeforeIsNotTheOtherEnd() {
        peers.observe(answer(0, 10));

        assertThat(peers.of(question(0, 40))).isNull();
        assertThat(peers.of(question(0, 10))).isEqualTo(CACHE);
    }

    @Test
    void laterFlowReplacesTheFormerOne() {
        peers.observe(answer(0, 10));
        peers.observe(answer(0, 40, 2, OTHER));
        peers.observe(answer(0, 10));

        assertThat(peers.of(question(0, 40))).isEqualTo(OTHER);
    }

    @Test
    void flowOfTheServerCanBeShorterThanTheClients() {
        // When the pause was just as long as --udp-idle, so that it ended the flow at one end only
        peers.observe(answer(0, 10));
        peers.observe(answer(0, 40));

        // Then
        assertThat(peers.of(Flow.client(10, 40).at(POD, asking(0), DNS))).isEqualTo(CACHE);
    }

    @Test
    void flowThatBeganDuringThePreviewIsReportedLaterUntilItsServerIsKnown() {
        peers.beginPreview(Flow.nanos(20));
        SocketRecord young = Flow.client(19.5, 30).live().at(POD, asking(0), DNS);
        SocketRecord older = Flow.client(18.5, 30).live().at(POD, asking(0), DNS);
        assertThat(peers.isTooEarly(young)).isTrue();
        assertThat(peers.isTooEarly(older)).isFalse();
        assertThat(peers.isTooEarly(question(0, 19.5))).isFalse();
        assertThat(peers.isTooEarly(Flow.server(19.5, 30).live().at(HOST, DNS, asking(0))))
                .isFalse();

        peers.observe(Flow.server(19.5, 30).live().at(HOST, DNS, asking(0)));

        assertThat(peers.isTooEarly(young)).isFalse();
    }

    @Test
    void questionThatTheServerDidNotReadIsThatOfTheServer() {
        answered(1, 10, 1, CACHE);
        answered(2, 30, 1, CACHE);

        assertThat(peers.of(unanswered(3, 20))).isEqualTo(CACHE);
        assertThat(peers.of(unanswered(4, 9))).isNull();
        assertThat(peers.of(unanswered(5, 31))).isNull();
        assertThat(peers.uncertain()).isEqualTo(2);
    }

    @Test
    void answeredQuestionNeedsTheServersFlow() {
        answered(1, 10, 1, CACHE);
        answered(2, 30, 1, CACHE);

        assertThat(peers.of(Flow.client(20, 21.5).at(POD, asking(3), DNS))).isNull();
    }

    @Test
    void translationThatIsSeenPreventsGuesses() {
        // Given
        answered(1, 10, 1, CACHE);
        answered(2, 30, 1, CACHE);

        // When a question was answered, but not by a server of this node
        peers.of(Flow.client(20, 31).at(POD, asking(3), DNS));

        // Then
        assertThat(peers.of(unanswered(4, 20))).isNull();
        answered(5, 40, 1, CACHE);
        answered(6, 50, 1, CACHE);
        assertThat(peers.of(unanswered(7, 45))).isEqualTo(CACHE);
        assertThat(peers.of(unanswered(8, 20))).isNull();
    }

    @Test
    void serverThatWasReplacedIsNotGuessed() {
        answered(1, 10, 1, CACHE);
        answered(2, 20, 1, CACHE);
        answered(3, 30, 2, OTHER);
        answered(4, 40, 2, OTHER);

        assertThat(peers.of(unanswered(5, 15))).isNull();
        assertThat(peers.of(unanswered(6, 25))).isNull();
        assertThat(peers.of(unanswered(7, 35))).isEqualTo(OTHER);
    }

    @Test
    void serversThatAnswerInTurnAreNotGuessed() {
        answered(1, 10, 1, CACHE);
        answered(2, 30, 1, CACHE);
        answered(3, 20, 2, OTHER);

        assertThat(peers.of(unanswered(4, 15))).isNull();
    }

    @Test
    void clientInTheServersNamespaceIsNotGuessed() {
        answered(1, 10, 1, CACHE);
        answered(2, 30, 1, CACHE);

        assertThat(peers.of(Flow.client(20, 20).at(HOST, endpoint("192.168.0.1", 40_000), DNS, 0)))
                .isNull();
    }

    @Test
    void sumIsThatOfTheServerWhoAnsweredInThisTime() {
        answered(1, 10, 1, CACHE);
        answered(2, 30, 1, CACHE);
        Endpoint anyPort = endpoint("10.244.0.7", 0);

        assertThat(peers.of(Flow.client(25, 90).folded().at(POD, anyPort, DNS))).isEqualTo(CACHE);
        assertThat(peers.of(Flow.client(31, 90).folded().at(POD, anyPort, DNS))).isNull();
    }

    @Test
    void sumsOfBothEndsBelongTogether() {
        Endpoint anyPort = endpoint("10.244.0.7", 0);
        peers.observe(Flow.server(10, 20).folded().at(HOST, DNS, anyPort));

        assertThat(peers.of(Flow.client(10, 20).folded().at(POD, anyPort, DNS))).isEqualTo(CACHE);
    }

    @Test
    void memoryIsLimited() {
        // When
        int count = LocalPeers.FLOWS + 100;
        for (int flow = 0; flow < count; flow++) {
            Endpoint client = endpoint("10.244." + flow / 50_000 + ".7", 1 + flow % 50_000);
            peers.observe(Flow.server(10, 10).live().at(HOST, DNS, client));
        }

        // Then
        assertThat(peers.flows()).isEqualTo(LocalPeers.FLOWS);
        assertThat(peers.evicted()).isEqualTo(100);
        assertThat(peers.of(Flow.client(10, 20).at(POD, endpoint("10.244.0.7", 1), DNS)))
                .isNull();
        assertThat(peers.of(Flow.client(10, 20).at(POD, endpoint("10.244.0.7", 101), DNS)))
                .isEqualTo(CACHE);
    }

    @Test
    void memoryOfAddressesIsLimited() {
        for (int port = 1; port <= LocalPeers.ADDRESSES + 10; port++) {
            Endpoint server = endpoint("10.244.0.9", port);
            peers.observe(Flow.server(10, 10).at(HOST, server, asking(0)));
            peers.of(Flow.client(10, 10).at(POD, asking(0), server));
        }

        assertThat(peers.addresses()).isEqualTo(LocalPeers.ADDRESSES);
    }

    @Test
    void endedFlowsExpire() {
        // Given
        peers.observe(answer(1, 10));
        peers.observe(Flow.server(10, 10).live().at(HOST, DNS, asking(2)));
        peers.expire();
        assertThat(peers.flows()).isEqualTo(2);

        // When
        peers.observe(answer(3, 400));
        peers.expire();

        // Then
        assertThat(peers.of(question(1, 10))).isNull();
        assertThat(peers.flows()).isEqualTo(2);
        assertThat(peers.evicted()).isZero();
    }
}
