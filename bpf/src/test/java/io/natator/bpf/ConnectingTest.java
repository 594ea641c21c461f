package io.natator.bpf;

import static io.natator.bpf.Patience.missable;
import static io.natator.bpf.traffic.TestNetwork.CLIENT_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV6;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.CloseReason;
import io.natator.bpf.SocketRecord.Role;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests how opens and failures of connections are reported: rows of the table "What is reported when" in README.md. */
class ConnectingTest extends Situations {
    @Test
    void unansweredConnectTimesOut() {
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
                        .andThen(end -> assertThat(
                                        Duration.ofNanos(end.lifecycle().observedNanos()
                                                - end.id().startNanos()))
                                .isBetween(Duration.ofMillis(300), Duration.ofMinutes(1))),
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

        // Then: only the connection that was sent is reported for the socket
        awaitEnds(plays, Role.CLIENT);
        assertThat(plays)
                .allSatisfy(one -> assertThat(one.records()
                                .filter(record -> record.connection().role() == Role.CLIENT))
                        .allSatisfy(record -> assertThat(
                                        record.connection().remote().address().getHostAddress())
                                .isEqualTo(SERVER_IPV4)));
    }

    @Test
    void connectToAPortWithoutAListenerIsRefused() {
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
    void connectThatTheApplicationCancelsIsAborted() {
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
        long before = network.counter(network.server(), "TcpExt", "TCPFastOpenPassive");

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
        assertThat(network.counter(network.server(), "TcpExt", "TCPFastOpenPassive") - before)
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
            // After this, the server's end can close at any time: it is an orphan, and closes when its FIN is
            // acknowledged.
            one.ending();
            network.letThrough(one.port, acks);
            assertThat(client.receive(one.atClient, 301)).isEqualTo(300);
            client.close(one.atClient);
        });

        // Then
        assertEnds(plays, ended(CloseReason.FIN, 700, 700, 300), ended(CloseReason.FIN, 300, 300, 700));
        assertSameFingerprints(plays);
    }

    @Test
    void socketConnectedToItselfIsOnlyAClient() {
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
            int far = server.bind(one.atServer, SERVER_IPV4);
            client.doNotBlock(one.atClient);
            server.doNotBlock(one.atServer);
            client.connectFailing(one.atClient, SERVER_IPV4, far);
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
        assertThat(ends)
                .hasSizeBetween(2 * TIMES - missable(2 * TIMES), 2 * TIMES)
                .allSatisfy(end -> {
                    boolean sender = end.connection().networkNamespace() == clientNamespace;
                    assertThat(end.counters().bytesAcked()).isEqualTo(sender ? 700 : 300);
                    assertThat(end.counters().bytesSent()).isEqualTo(sender ? 700 : 300);
                    assertThat(end.counters().bytesReceived()).isEqualTo(sender ? 300 : 700);
                    assertThat(end.lifecycle().closeReason()).isEqualTo(CloseReason.FIN);
                });
        assertSameFingerprints(plays);
    }

    @Test
    void socketThatFailedToConnectCanConnectAgain() {
        // When
        List<Play> plays = play(one -> {
            one.atClient = client.socket(true);
            client.bind(one.atClient, CLIENT_IPV4);
            client.connectFailing(one.atClient, SERVER_IPV4, one.port);
            server.listen(one.listener);
            client.connect(one.atClient, SERVER_IPV4, one.port);
            one.atServer = server.accept(one.listener);
            one.exchange();
            one.closeBoth();
        });

        // Then
        awaitEnds(plays, Role.SERVER);
        assertThat(completely(plays, 2))
                .hasSizeGreaterThanOrEqualTo(TIMES - missable(TIMES))
                .allSatisfy(one -> {
                    SocketRecord failure = one.ends(Role.CLIENT).get(0);
                    SocketRecord close = one.ends(Role.CLIENT).get(1);
                    assertThat(failure).satisfies(failed(CloseReason.REFUSED));
                    assertThat(close).satisfies(ended(CloseReason.FIN, 700, 700, 300));
                    assertThat(close.id().cookie()).isEqualTo(failure.id().cookie());
                    assertThat(close.id().startNanos())
                            .isGreaterThan(failure.lifecycle().observedNanos());
                });
    }

    @Test
    void disconnectedSocketCarriesAnotherConnection() {
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
        assertThat(completely(plays, 2))
                .hasSizeGreaterThanOrEqualTo(TIMES - missable(TIMES))
                .allSatisfy(one -> {
                    SocketRecord first = one.ends(Role.CLIENT).get(0);
                    SocketRecord second = one.ends(Role.CLIENT).get(1);
                    assertThat(first).satisfies(ended(CloseReason.RESET, 700, 700, 300));
                    assertThat(second).satisfies(ended(CloseReason.FIN, 11, 11, 0));
                    assertThat(second.id().cookie()).isEqualTo(first.id().cookie());
                    assertThat(second.id().startNanos())
                            .isGreaterThan(first.lifecycle().observedNanos());
                    assertThat(second.counters().segmentsSent()).isLessThan(10);
                });
    }
}
