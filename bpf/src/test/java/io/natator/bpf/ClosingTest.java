package io.natator.bpf;

import static io.natator.bpf.Patience.missable;
import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.CloseReason;
import io.natator.bpf.SocketRecord.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests how the closes of connections are reported: rows of the table "What is reported when" in README.md. */
class ClosingTest extends Situations {
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
    void halfClosedConnectionLivesUntilTheOtherHalfIsClosed() {
        // When
        List<Play> plays = play(one -> {
            one.open();
            one.toServer(700);
            client.finish(one.atClient);
            assertThat(server.receive(one.atServer, 1)).isZero();
            one.toClient(300);
            patiently().untilAsserted(() -> {
                List<SocketRecord> live = live(one.port);
                assertThat(live).hasSizeBetween(2 - missable(2), 2).allSatisfy(end -> {
                    assertThat(end.counters().bytesAcked())
                            .isEqualTo(end.connection().role() == Role.CLIENT ? 700 : 300);
                    assertThat(end.counters().bytesReceived())
                            .isEqualTo(end.connection().role() == Role.CLIENT ? 300 : 700);
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
            // The client's socket no longer exists, so the client's kernel answers these bytes with a reset.
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
    void neverAcceptedConnectionBelongsToTheListenerAndIsResetWithIt() {
        // When
        List<Play> plays = play(one -> {
            server.listen(one.listener);
            one.atClient = client.socket(true);
            one.begin();
            client.connect(one.atClient, SERVER_IPV4, one.port);
            client.send(one.atClient, 100);
            patiently()
                    .until(() -> live(one.port).stream()
                            .anyMatch(end -> end.counters().bytesReceived()
                                            + end.counters().bytesAcked()
                                    == 100));
            one.opened();
            one.ending();
            server.close(one.listener);
            assertThat(client.awaitFailure(one.atClient)).isEqualTo("ECONNRESET");
            client.close(one.atClient);
        });

        // Then
        assertEnds(plays, ended(CloseReason.RESET, 100, 100, 0), ended(CloseReason.RESET, 0, 0, 100));
    }

    @Test
    void establishedConnectionWithoutAPathTimesOut() {
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
                        .andThen(end -> assertThat(end.counters().retransmits()).isPositive()),
                ended(CloseReason.RESET, 310, 300, 700));
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
}
