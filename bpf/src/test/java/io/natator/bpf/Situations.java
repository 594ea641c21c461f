package io.natator.bpf;

import static io.natator.bpf.Patience.missable;
import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.CloseReason;
import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.libbpf.SystemCalls;
import io.natator.bpf.traffic.SocketProcess;
import io.natator.bpf.traffic.TestNetwork;
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

/**
 * Base class of tests that create situations (rows of the tables in README.md) with a client and a server in two
 * network namespaces, and check the reported records.
 */
abstract class Situations {
    /**
     * How often each situation is repeated. Once is not enough, because the machine can miss the close of a connection
     * ({@link Patience#missable}).
     */
    static final int TIMES = 3;

    static TestNetwork network;
    static SocketProcess client;
    static SocketProcess server;
    static TcpTracker tracker;
    static Observation observed;
    static long clientNamespace;
    static long serverNamespace;

    /** One repetition of a situation, on a port that no other repetition uses. */
    static final class Play {
        final int listener = server.socket(false);
        final int port = server.bind(listener, "::");
        int atClient;
        int atServer;
        long begun;
        long opened = Long.MAX_VALUE;
        long ending;

        void open() {
            server.listen(listener);
            atClient = client.socket(true);
            begin();
            client.connect(atClient, SERVER_IPV4, port);
            // connect(2) returns before the handshake is done at the server, so wait until the server has the
            // connection too.
            atServer = server.accept(listener);
            opened();
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
                    .filter(record -> record.connection().local().port() == port
                            || record.connection().remote().port() == port);
        }

        List<SocketRecord> ends(Role role) {
            return records()
                    .filter(record -> record.event() == Event.CLOSED || record.event() == Event.FAILED)
                    .filter(record -> record.connection().role() == role)
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
            // Enables TCP Fast Open for clients and servers, without requiring Fast Open cookies.
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

    static int listening(Play one) {
        server.listen(one.listener);
        return one.port;
    }

    static List<Play> play(Consumer<Play> situation) {
        return Stream.generate(Play::new).limit(TIMES).peek(situation).toList();
    }

    static List<SocketRecord> live(int port) {
        List<SocketRecord> found = new ArrayList<>();
        tracker.readLive(record -> {
            if ((record.connection().local().port() == port
                            || record.connection().remote().port() == port)
                    && Set.of(clientNamespace, serverNamespace)
                            .contains(record.connection().networkNamespace())) {
                found.add(record);
            }
        });
        return found;
    }

    static Consumer<SocketRecord> ended(CloseReason reason, long sent, long acked, long received) {
        return end -> {
            assertThat(end.event()).isEqualTo(Event.CLOSED);
            assertThat(end.lifecycle().closeReason()).isEqualTo(reason);
            assertThat(end.counters().bytesSent()).isEqualTo(sent);
            assertThat(end.counters().bytesAcked()).isEqualTo(acked);
            assertThat(end.counters().bytesReceived()).isEqualTo(received);
            assertThat(end.connection().fingerprint()).isNotZero();
            SocketProcess process = end.connection().role() == Role.CLIENT ? client : server;
            assertThat(end.owner().pid()).isEqualTo((int) process.pid());
        };
    }

    static Consumer<SocketRecord> failed(CloseReason reason) {
        return end -> {
            assertThat(end.event()).isEqualTo(Event.FAILED);
            assertThat(end.lifecycle().closeReason()).isEqualTo(reason);
            assertThat(end.counters().bytesSent()
                            + end.counters().bytesAcked()
                            + end.counters().bytesReceived())
                    .isZero();
            assertThat(end.connection().fingerprint()).isZero();
            assertThat(end.owner().pid()).isEqualTo((int) client.pid());
            assertThat(end.counters().segmentsSent()).isPositive();
        };
    }

    /**
     * Asserts that each end of each repetition is reported once, with times within the repetition. If {@code atServer}
     * is null, the server's end must not be reported.
     */
    static void assertEnds(
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
                    assertThat(end.id().startNanos()).isBetween(one.begun, one.opened);
                    assertThat(end.lifecycle().observedNanos()).isBetween(one.ending, SystemCalls.bootNanos());
                    assertThat(end.connection().networkNamespace())
                            .isEqualTo(role == Role.CLIENT ? clientNamespace : serverNamespace);
                }
            }
        }
        assertThat(found).isBetween(expected - missable(expected), expected);
    }

    static void assertSameFingerprints(List<Play> plays) {
        for (Play one : completely(plays, 1)) {
            if (!one.ends(Role.SERVER).isEmpty()) {
                assertThat(one.ends(Role.CLIENT).getFirst().connection().fingerprint())
                        .isEqualTo(one.ends(Role.SERVER).getFirst().connection().fingerprint());
            }
        }
    }

    static List<Play> completely(List<Play> plays, int clientEnds) {
        return plays.stream()
                .filter(one -> one.ends(Role.CLIENT).size() == clientEnds)
                .toList();
    }

    static void awaitEnds(List<Play> plays, Role role) {
        try {
            patiently().atMost(Duration.ofSeconds(30)).until(() -> {
                observed.drain(tracker);
                return plays.stream().noneMatch(one -> one.ends(role).isEmpty());
            });
        } catch (ConditionTimeoutException missed) {
            observed.drain(tracker);
        }
        assertThat(plays.stream().filter(one -> one.ends(role).isEmpty()))
                .as("plays without a %s end", role)
                .hasSizeLessThanOrEqualTo(missable(TIMES));
    }
}
