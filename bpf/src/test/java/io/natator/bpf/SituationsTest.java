package io.natator.bpf;

import static io.natator.bpf.traffic.TestNetwork.CLIENT_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV6;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.bpf.SocketRecord.CloseReason;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.libbpf.SystemCalls;
import io.natator.bpf.traffic.SocketProcess;
import io.natator.bpf.traffic.TestNetwork;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way a connection can come and go, as the table in README.md says it is reported. */
class SituationsTest {
    /** Each situation is played so often, and the machine may miss one end of one of them; see TcpExactnessTest. */
    private static final int TIMES = 3;

    private static TestNetwork network;
    private static SocketProcess client;
    private static SocketProcess server;
    private static TcpTracker tracker;
    private static Observation observed;
    private static long clientNamespace;
    private static long serverNamespace;

    /** One play of a situation: everything that is about its port. */
    private static final class Play {
        private final int listener = server.socket(false);
        private final int port = server.bind(listener, "::", 0);
        private int atClient;
        private int atServer;
        private long begun;
        private long opened = Long.MAX_VALUE;
        private long ending;

        void open() {
            server.listen(listener);
            atClient = client.socket(true);
            begin();
            client.connect(atClient, SERVER_IPV4, port);
            opened();
            atServer = server.accept(listener);
        }

        void begin() {
            begun = SystemCalls.bootNanos();
        }

        void opened() {
            opened = SystemCalls.bootNanos();
        }

        void ending() {
            ending = SystemCalls.bootNanos();
        }

        void toServer(int bytes) {
            client.send(atClient, bytes);
            assertThat(server.receive(atServer, bytes)).isEqualTo(bytes);
        }

        void toClient(int bytes) {
            server.send(atServer, bytes);
            assertThat(client.receive(atClient, bytes)).isEqualTo(bytes);
        }

        void exchange() {
            toServer(700);
            toClient(300);
        }

        void closeBoth() {
            ending();
            client.close(atClient);
            assertThat(server.receive(atServer, 1)).isZero();
            server.close(atServer);
        }

        Stream<SocketRecord> records() {
            return observed.records().stream()
                    .filter(record -> record.localPort() == port || record.remotePort() == port);
        }

        List<SocketRecord> ends(Role role) {
            return records()
                    .filter(record -> record.event() == Event.CLOSED || record.event() == Event.FAILED)
                    .filter(record -> record.role() == role)
                    .toList();
        }
    }

    @BeforeAll
    static void start() {
        network = TestNetwork.create();
        clientNamespace = TestNetwork.inode(network.client());
        serverNamespace = TestNetwork.inode(network.server());
        for (String namespace : List.of(network.client(), network.server())) {
            network.parameter(namespace, "net.ipv4.tcp_orphan_retries", "1");
            // Client and server of fast open, without cookies.
            network.parameter(namespace, "net.ipv4.tcp_fastopen", Integer.toString(0x1 | 0x2 | 0x4 | 0x200));
        }
        tracker = TcpTracker.open(TcpTrackerOptions.defaults());
        observed = new Observation(Set.of(clientNamespace, serverNamespace));
        client = network.startSockets(network.client(), "client");
        server = network.startSockets(network.server(), "server");
    }

    @AfterAll
    static void stop() {
        tracker.close();
        network.close();
    }

    @Test
    void orderlyCloseEndsWhenTimeWaitBegins() {
        // When
        List<Play> plays = play(one -> {
            one.open();
            one.exchange();
            one.closeBoth();
        });

        // Then
        assertEnds(plays, ended(CloseReason.FIN, 700, 700, 300), ended(CloseReason.FIN, 300, 300, 700));
    }

    @Test
    void halfClosedConnectionGoesOnUntilTheOtherHalfIsClosed() {
        // When
        List<Play> plays = play(one -> {
            one.open();
            one.toServer(700);
            client.finish(one.atClient);
            assertThat(server.receive(one.atServer, 1)).isZero();
            one.toClient(300);
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
                List<SocketRecord> live = live(one.port);
                assertThat(live).hasSize(2).allSatisfy(end -> {
                    assertThat(end.bytesAcked()).isEqualTo(end.role() == Role.CLIENT ? 700 : 300);
                    assertThat(end.bytesReceived()).isEqualTo(end.role() == Role.CLIENT ? 300 : 700);
                });
            });
            one.toClient(50);
            one.ending();
            server.close(one.atServer);
            client.close(one.atClient);
        });

        // Then
        assertEnds(plays, ended(CloseReason.FIN, 700, 700, 350), ended(CloseReason.FIN, 350, 350, 700));
    }

    @Test
    void orphanInFinWait2EndsWhenItsFinIsAcknowledged() {
        // When
        List<Play> plays = play(one -> {
            one.open();
            one.exchange();
            one.ending();
            client.close(one.atClient);
            assertThat(server.receive(one.atServer, 1)).isZero();
        });

        // Then
        awaitEnds(plays, Role.CLIENT);
        assertEnds(plays, ended(CloseReason.FIN, 700, 700, 300), null);
        plays.forEach(one -> {
            // Nobody is there to receive it.
            server.send(one.atServer, 10);
            server.close(one.atServer);
        });
        assertEnds(plays, end -> {}, ended(CloseReason.RESET, 310, 300, 700));
    }

    @Test
    void orphanWhoseFinIsNeverAcknowledgedTimesOut() {
        // When
        List<Play> plays = play(one -> {
            one.open();
            one.exchange();
            network.intercept(one.port, "DROP");
            one.ending();
            client.send(one.atClient, 40);
            client.close(one.atClient);
            server.close(one.atServer);
        });

        // Then
        assertEnds(plays, ended(CloseReason.TIMEOUT, 740, 700, 300), ended(CloseReason.TIMEOUT, 300, 300, 700));
        plays.forEach(one -> network.letThrough(one.port, "DROP"));
    }

    @Test
    void closeWithUnreadDataIsAReset() {
        // When
        List<Play> plays = play(one -> {
            one.open();
            one.exchange();
            server.send(one.atServer, 1_000);
            client.awaitReadable(one.atClient);
            one.ending();
            client.close(one.atClient);
            assertThat(server.awaitFailure(one.atServer)).isEqualTo("ECONNRESET");
            server.close(one.atServer);
        });

        // Then
        assertEnds(plays, ended(CloseReason.RESET, 700, 700, 1_300), ended(CloseReason.RESET, 1_300, 1_300, 700));
    }

    @Test
    void connectionThatWasNeverAcceptedIsTheListenersAndResetWithIt() {
        // When
        List<Play> plays = play(one -> {
            server.listen(one.listener);
            one.atClient = client.socket(true);
            one.begin();
            client.connect(one.atClient, SERVER_IPV4, one.port);
            one.opened();
            client.send(one.atClient, 100);
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> live(one.port).stream().anyMatch(end -> end.bytesReceived() == 100));
            one.ending();
            server.close(one.listener);
            assertThat(client.awaitFailure(one.atClient)).isEqualTo("ECONNRESET");
            client.close(one.atClient);
        });

        // Then
        assertEnds(plays, ended(CloseReason.RESET, 100, 100, 0), ended(CloseReason.RESET, 0, 0, 100));
    }

    @Test
    void establishedConnectionThatIsCutOffTimesOut() {
        // When
        List<Play> plays = play(one -> {
            one.open();
            one.exchange();
            client.userTimeout(one.atClient, 500);
            network.intercept(one.port, "DROP");
            client.send(one.atClient, 1_000);
            one.ending();
            assertThat(client.awaitFailure(one.atClient)).isEqualTo("ETIMEDOUT");
            client.close(one.atClient);
            network.letThrough(one.port, "DROP");
            server.send(one.atServer, 10);
            assertThat(server.awaitFailure(one.atServer)).isEqualTo("ECONNRESET");
            server.close(one.atServer);
        });

        // Then
        assertEnds(
                plays,
                ended(CloseReason.TIMEOUT, 1_700, 700, 300)
                        .andThen(end -> assertThat(end.retransmits()).isPositive()),
                ended(CloseReason.RESET, 310, 300, 700));
    }

    @Test
    void connectThatNobodyAnswersTimesOut() {
        // When
        List<Play> plays = play(one -> {
            network.intercept(one.port, "DROP");
            one.atClient = client.socket(true);
            client.userTimeout(one.atClient, 300);
            one.begin();
            assertThat(client.connectFailing(one.atClient, SERVER_IPV4, one.port))
                    .isEqualTo("ETIMEDOUT");
            network.letThrough(one.port, "DROP");
            client.close(one.atClient);
        });

        // Then
        assertEnds(
                plays,
                failed(CloseReason.TIMEOUT)
                        .andThen(end -> assertThat(Duration.ofNanos(end.observedNanos() - end.startNanos()))
                                .isBetween(Duration.ofMillis(300), Duration.ofSeconds(10))),
                null);
    }

    @Test
    void connectThatARouterRejectsIsUnreachable() {
        String reject = "REJECT --reject-with icmp-host-unreachable";
        // When
        List<Play> plays = play(one -> {
            network.intercept(one.port, reject);
            one.atClient = client.socket(true);
            one.begin();
            assertThat(client.connectFailing(one.atClient, SERVER_IPV4, one.port))
                    .isEqualTo("EHOSTUNREACH");
            network.letThrough(one.port, reject);
            client.close(one.atClient);
        });

        // Then
        assertEnds(plays, failed(CloseReason.UNREACHABLE), null);
    }

    @Test
    void connectOverARouterWithoutARouteIsUnreachable() {
        // Given
        network.route(network.router(), "unreachable fd77:9::/64");

        // When
        List<Play> plays = play(one -> {
            one.atClient = client.socket(false);
            one.begin();
            assertThat(client.connectFailing(one.atClient, "fd77:9::9", one.port))
                    .isEqualTo("ENETUNREACH");
            client.close(one.atClient);
        });

        // Then
        assertEnds(plays, failed(CloseReason.UNREACHABLE), null);
    }

    @Test
    void connectThatDoesNotLeaveTheMachineIsNoConnection() {
        // Given
        network.route(network.client(), "unreachable 10.99.1.0/24");
        network.route(network.client(), "blackhole 10.99.2.0/24");

        // When
        List<Play> plays = play(one -> {
            one.atClient = client.socket(true);
            assertThat(client.connectFailing(one.atClient, "10.99.1.1", one.port))
                    .isEqualTo("EHOSTUNREACH");
            assertThat(client.connectFailing(one.atClient, "10.99.2.1", one.port))
                    .isEqualTo("EINVAL");
            client.connect(one.atClient, SERVER_IPV4, listening(one));
            client.close(one.atClient);
        });

        // Then the socket carries the connection that did leave, and nothing else.
        awaitEnds(plays, Role.CLIENT);
        assertThat(plays)
                .allSatisfy(one -> assertThat(one.records().filter(record -> record.role() == Role.CLIENT))
                        .allSatisfy(record -> assertThat(record.remoteAddress().getHostAddress())
                                .isEqualTo(SERVER_IPV4)));
    }

    @Test
    void connectToAPortWhereNobodyListensIsRefused() {
        // When
        List<Play> plays = play(one -> {
            one.atClient = client.socket(false);
            one.begin();
            assertThat(client.connectFailing(one.atClient, SERVER_IPV6, one.port))
                    .isEqualTo("ECONNREFUSED");
            client.close(one.atClient);
        });

        // Then
        assertEnds(plays, failed(CloseReason.REFUSED), null);
    }

    @Test
    void connectThatTheApplicationGivesUpIsAborted() {
        // When
        List<Play> plays = play(one -> {
            network.intercept(one.port, "DROP");
            one.atClient = client.socket(true);
            client.doNotBlock(one.atClient);
            one.begin();
            assertThat(client.connectFailing(one.atClient, SERVER_IPV4, one.port))
                    .isEqualTo("EINPROGRESS");
            client.close(one.atClient);
            network.letThrough(one.port, "DROP");
        });

        // Then
        assertEnds(plays, failed(CloseReason.ABORTED), null);
    }

    @Test
    void dataInTheSynCounts() {
        // Given
        long before = network.counter(network.server(), "TCPFastOpenPassive");

        // When
        List<Play> plays = play(one -> {
            server.takeFastOpen(one.listener);
            server.listen(one.listener);
            one.atClient = client.socket(true);
            one.begin();
            client.connectWithData(one.atClient, SERVER_IPV4, one.port, 700);
            one.atServer = server.accept(one.listener);
            assertThat(server.receive(one.atServer, 700)).isEqualTo(700);
            one.toClient(300);
            one.closeBoth();
        });

        // Then
        assertThat(network.counter(network.server(), "TCPFastOpenPassive") - before)
                .isEqualTo(TIMES);
        assertEnds(plays, ended(CloseReason.FIN, 700, 700, 300), ended(CloseReason.FIN, 300, 300, 700));
        assertSameFingerprints(plays);
    }

    @Test
    void serverMayCloseBeforeTheHandshakeIsDone() {
        // When
        List<Play> plays = play(one -> {
            String acks = "DROP -m tcp --tcp-flags SYN,ACK ACK -d " + SERVER_IPV4;
            network.intercept(one.port, acks);
            server.takeFastOpen(one.listener);
            server.listen(one.listener);
            one.atClient = client.socket(true);
            one.begin();
            client.connectWithData(one.atClient, SERVER_IPV4, one.port, 700);
            one.atServer = server.accept(one.listener);
            assertThat(server.receive(one.atServer, 700)).isEqualTo(700);
            server.send(one.atServer, 300);
            server.close(one.atServer);
            one.opened();
            network.letThrough(one.port, acks);
            assertThat(client.receive(one.atClient, 301)).isEqualTo(300);
            one.ending();
            client.close(one.atClient);
        });

        // Then
        assertEnds(plays, ended(CloseReason.FIN, 700, 700, 300), ended(CloseReason.FIN, 300, 300, 700));
        assertSameFingerprints(plays);
    }

    @Test
    void socketBelongsToWhoOpenedItWhoeverItIsPassedTo(@TempDir Path folder) {
        // Given
        SocketProcess heir = network.startSockets(network.server(), "heir");

        // When
        List<Play> plays = play(one -> {
            one.open();
            one.exchange();
            Path path = folder.resolve("heir" + one.port);
            int expected = heir.expect(path);
            server.pass(one.atServer, path);
            int serverEnd = heir.take(expected);
            server.close(one.atServer);
            client.pass(one.atClient, path);
            int clientEnd = heir.take(expected);
            client.close(one.atClient);
            heir.send(clientEnd, 50);
            assertThat(heir.receive(serverEnd, 50)).isEqualTo(50);
            one.ending();
            heir.close(clientEnd);
            heir.close(serverEnd);
        });

        // Then
        assertEnds(plays, ended(CloseReason.FIN, 750, 750, 300), ended(CloseReason.FIN, 300, 300, 750));
    }

    @Test
    void connectionIsInTheNamespaceOfItsSocketWhereverItsProcessIs() {
        // Given
        SocketProcess mover = network.startSockets(network.server(), "server");

        // When
        List<Play> plays = play(one -> {
            int listener = mover.socket(true);
            int port = mover.bind(listener, SERVER_IPV4, 0);
            mover.listen(listener);
            mover.enter(network.client());
            int atClient = mover.socket(true);
            mover.bind(atClient, CLIENT_IPV4, one.port);
            one.begin();
            mover.connect(atClient, SERVER_IPV4, port);
            one.opened();
            int atServer = mover.accept(listener);
            one.ending();
            mover.close(atClient);
            mover.close(atServer);
            mover.close(listener);
            mover.enter(network.server());
        });

        // Then
        Consumer<SocketRecord> byMover = end -> {
            assertThat(end.pid()).isEqualTo((int) mover.pid());
            assertThat(end.networkNamespace()).isEqualTo(end.role() == Role.CLIENT ? clientNamespace : serverNamespace);
        };
        assertEnds(plays, byMover, byMover);
    }

    @Test
    void inheritedSocketBelongsToWhoOpenedIt() {
        // When
        List<Play> plays = play(one -> {
            SocketProcess parent = network.startSockets(network.client(), "client");
            server.listen(one.listener);
            int socket = parent.socket(true);
            parent.connect(socket, SERVER_IPV4, one.port);
            one.atServer = server.accept(one.listener);
            int child = parent.fork();
            assertThat(child).isNotEqualTo((int) parent.pid());
            parent.send(socket, 700);
            assertThat(server.receive(one.atServer, 700)).isEqualTo(700);
            parent.close(socket);
            // The parent still has its copy.
            assertThat(live(one.port)).hasSizeBetween(1, 2);
            parent.close();
            assertThat(server.receive(one.atServer, 1)).isZero();
            server.close(one.atServer);
            one.atClient = (int) parent.pid();
        });

        // Then
        awaitEnds(plays, Role.CLIENT);
        awaitEnds(plays, Role.SERVER);
        assertThat(plays)
                .allSatisfy(one -> assertThat(one.ends(Role.CLIENT)).allSatisfy(end -> {
                    assertThat(end.pid()).isEqualTo(one.atClient);
                    assertThat(end.bytesAcked()).isEqualTo(700);
                    assertThat(end.closeReason()).isEqualTo(CloseReason.FIN);
                }));
    }

    @Test
    void socketConnectedToItselfIsAClientAlone() {
        // When
        List<Play> plays = play(one -> {
            one.atClient = client.socket(true);
            client.bind(one.atClient, "127.0.0.1", one.port);
            one.begin();
            client.connect(one.atClient, "127.0.0.1", one.port);
            one.opened();
            client.send(one.atClient, 500);
            assertThat(client.receive(one.atClient, 500)).isEqualTo(500);
            one.ending();
            client.close(one.atClient);
        });

        // Then
        assertEnds(plays, ended(CloseReason.FIN, 500, 500, 500), null);
    }

    @Test
    void simultaneousOpenHasOneClientAndOneServer() {
        // When
        List<Play> plays = play(one -> {
            network.intercept(one.port, "DROP");
            one.atClient = client.socket(true);
            one.atServer = server.socket(true);
            client.bind(one.atClient, CLIENT_IPV4, one.port);
            server.bind(one.atServer, SERVER_IPV4, one.port + 1 == 65_536 ? 1_025 : one.port + 1);
            client.doNotBlock(one.atClient);
            server.doNotBlock(one.atServer);
            client.connectFailing(one.atClient, SERVER_IPV4, server.localPort(one.atServer));
            server.connectFailing(one.atServer, CLIENT_IPV4, one.port);
            network.letThrough(one.port, "DROP");
            client.awaitConnection(one.atClient);
            server.awaitConnection(one.atServer);
            one.exchange();
            one.closeBoth();
        });

        // Then
        awaitEnds(plays, Role.CLIENT);
        awaitEnds(plays, Role.SERVER);
        List<SocketRecord> ends = plays.stream()
                .flatMap(one -> Stream.concat(one.ends(Role.CLIENT).stream(), one.ends(Role.SERVER).stream()))
                .toList();
        assertThat(ends).hasSizeBetween(2 * TIMES - 1, 2 * TIMES).allSatisfy(end -> {
            boolean sender = end.networkNamespace() == clientNamespace;
            assertThat(end.bytesAcked()).isEqualTo(sender ? 700 : 300);
            assertThat(end.bytesSent()).isEqualTo(sender ? 700 : 300);
            assertThat(end.bytesReceived()).isEqualTo(sender ? 300 : 700);
            assertThat(end.closeReason()).isEqualTo(CloseReason.FIN);
        });
        assertSameFingerprints(plays);
    }

    @Test
    void socketThatFailedToConnectCanConnectAgain() {
        // When
        List<Play> plays = play(one -> {
            one.atClient = client.socket(true);
            client.bind(one.atClient, CLIENT_IPV4, 0);
            client.connectFailing(one.atClient, SERVER_IPV4, one.port);
            server.listen(one.listener);
            client.connect(one.atClient, SERVER_IPV4, one.port);
            one.atServer = server.accept(one.listener);
            one.exchange();
            one.closeBoth();
        });

        // Then
        awaitEnds(plays, Role.SERVER);
        assertThat(completely(plays, 2)).hasSizeGreaterThanOrEqualTo(TIMES - 1).allSatisfy(one -> {
            SocketRecord failure = one.ends(Role.CLIENT).get(0);
            SocketRecord close = one.ends(Role.CLIENT).get(1);
            assertThat(failure).satisfies(failed(CloseReason.REFUSED));
            assertThat(close).satisfies(ended(CloseReason.FIN, 700, 700, 300));
            assertThat(close.cookie()).isEqualTo(failure.cookie());
            assertThat(close.startNanos()).isGreaterThan(failure.observedNanos());
        });
    }

    @Test
    void socketThatWasDisconnectedCarriesAnotherConnection() {
        // When
        List<Play> plays = play(one -> {
            one.open();
            one.exchange();
            client.disconnect(one.atClient);
            server.close(one.atServer);
            client.connect(one.atClient, SERVER_IPV4, one.port);
            one.atServer = server.accept(one.listener);
            one.toServer(11);
            one.closeBoth();
        });

        // Then
        awaitEnds(plays, Role.SERVER);
        assertThat(completely(plays, 2)).hasSizeGreaterThanOrEqualTo(TIMES - 1).allSatisfy(one -> {
            SocketRecord first = one.ends(Role.CLIENT).get(0);
            SocketRecord second = one.ends(Role.CLIENT).get(1);
            assertThat(first).satisfies(ended(CloseReason.RESET, 700, 700, 300));
            assertThat(second).satisfies(ended(CloseReason.FIN, 11, 11, 0));
            assertThat(second.cookie()).isEqualTo(first.cookie());
            assertThat(second.startNanos()).isGreaterThan(first.observedNanos());
            assertThat(second.segmentsSent()).isLessThan(10);
        });
    }

    @Test
    void listenerIsNoConnection() {
        // When
        List<Play> plays = play(one -> {
            server.listen(one.listener);
            server.close(one.listener);
        });

        // Then
        observed.drain(tracker);
        assertThat(plays).allSatisfy(one -> assertThat(one.records()).isEmpty());
    }

    private static int listening(Play one) {
        server.listen(one.listener);
        return one.port;
    }

    private static List<Play> play(Consumer<Play> situation) {
        return Stream.generate(Play::new).limit(TIMES).peek(situation).toList();
    }

    private static List<SocketRecord> live(int port) {
        List<SocketRecord> found = new ArrayList<>();
        tracker.readLive(record -> {
            if ((record.localPort() == port || record.remotePort() == port)
                    && Set.of(clientNamespace, serverNamespace).contains(record.networkNamespace())) {
                found.add(record);
            }
        });
        return found;
    }

    private static Consumer<SocketRecord> ended(CloseReason reason, long sent, long acked, long received) {
        return end -> {
            assertThat(end.event()).isEqualTo(Event.CLOSED);
            assertThat(end.closeReason()).isEqualTo(reason);
            assertThat(end.bytesSent()).isEqualTo(sent);
            assertThat(end.bytesAcked()).isEqualTo(acked);
            assertThat(end.bytesReceived()).isEqualTo(received);
            assertThat(end.fingerprint()).isNotZero();
            SocketProcess process = end.role() == Role.CLIENT ? client : server;
            assertThat(end.pid()).isEqualTo((int) process.pid());
        };
    }

    private static Consumer<SocketRecord> failed(CloseReason reason) {
        return end -> {
            assertThat(end.event()).isEqualTo(Event.FAILED);
            assertThat(end.closeReason()).isEqualTo(reason);
            assertThat(end.bytesSent() + end.bytesAcked() + end.bytesReceived()).isZero();
            assertThat(end.fingerprint()).isZero();
            assertThat(end.pid()).isEqualTo((int) client.pid());
            assertThat(end.segmentsSent()).isPositive();
        };
    }

    /** Each end of each play once, within the play's times; a null end is one that must not be. */
    private static void assertEnds(
            List<Play> plays, Consumer<SocketRecord> atClient, @Nullable Consumer<SocketRecord> atServer) {
        int expected = 0;
        int found = 0;
        for (Role role : List.of(Role.CLIENT, Role.SERVER)) {
            Consumer<SocketRecord> expectation = role == Role.CLIENT ? atClient : atServer;
            if (expectation != null) {
                awaitEnds(plays, role);
            }
            for (Play one : plays) {
                List<SocketRecord> ends = one.ends(role);
                expected += expectation == null ? 0 : 1;
                found += ends.size();
                assertThat(ends).as("%s ends of port %d", role, one.port).hasSizeLessThanOrEqualTo(1);
                for (SocketRecord end : ends) {
                    assertThat(expectation).as("expected %s end: %s", role, end).isNotNull();
                    assertThat(end).satisfies(expectation);
                    assertThat(end.startNanos()).isBetween(one.begun, one.opened);
                    assertThat(end.observedNanos()).isBetween(one.ending, SystemCalls.bootNanos());
                    assertThat(end.networkNamespace())
                            .isEqualTo(role == Role.CLIENT ? clientNamespace : serverNamespace);
                }
            }
        }
        assertThat(found).isBetween(expected - 1, expected);
    }

    private static void assertSameFingerprints(List<Play> plays) {
        for (Play one : completely(plays, 1)) {
            if (!one.ends(Role.SERVER).isEmpty()) {
                assertThat(one.ends(Role.CLIENT).getFirst().fingerprint())
                        .isEqualTo(one.ends(Role.SERVER).getFirst().fingerprint());
            }
        }
    }

    private static List<Play> completely(List<Play> plays, int clientEnds) {
        return plays.stream()
                .filter(one -> one.ends(Role.CLIENT).size() == clientEnds)
                .toList();
    }

    private static void awaitEnds(List<Play> plays, Role role) {
        try {
            await().atMost(Duration.ofSeconds(5)).until(() -> {
                observed.drain(tracker);
                return plays.stream().noneMatch(one -> one.ends(role).isEmpty());
            });
        } catch (ConditionTimeoutException missed) {
            observed.drain(tracker);
        }
        assertThat(plays.stream().filter(one -> one.ends(role).isEmpty()))
                .as("plays without a %s end", role)
                .hasSizeLessThanOrEqualTo(1);
    }
}
