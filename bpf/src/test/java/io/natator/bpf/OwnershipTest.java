package io.natator.bpf;

import static io.natator.bpf.traffic.TestNetwork.CLIENT_IPV4;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.CloseReason;
import io.natator.bpf.SocketRecord.Role;
import io.natator.bpf.traffic.SocketProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests which process owns a connection if its socket is passed or inherited: rows of a table in README.md. */
class OwnershipTest extends Situations {
    @Test
    void socketThatIsPassedOnBelongsToItsOpener(@TempDir Path folder) {
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
    void connectionIsInTheNamespaceOfItsSocketNotOfItsProcess() {
        // Given
        SocketProcess mover = network.startSockets(network.server(), "server");

        // When
        List<Play> plays = play(one -> {
            int listener = mover.socket(true);
            int port = mover.bind(listener, SERVER_IPV4);
            mover.listen(listener);
            mover.enter(network.client());
            int atClient = mover.socket(true);
            mover.bind(atClient, CLIENT_IPV4, one.port);
            one.begin();
            mover.connect(atClient, SERVER_IPV4, port);
            int atServer = mover.accept(listener);
            one.opened();
            one.ending();
            mover.close(atClient);
            mover.close(atServer);
            mover.close(listener);
            mover.enter(network.server());
        });

        // Then
        Consumer<SocketRecord> byMover = end -> {
            assertThat(end.owner().pid()).isEqualTo((int) mover.pid());
            assertThat(end.connection().networkNamespace())
                    .isEqualTo(end.connection().role() == Role.CLIENT ? clientNamespace : serverNamespace);
        };
        assertEnds(plays, byMover, byMover);
    }

    @Test
    void inheritedSocketBelongsToItsOpener() {
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
            // The connection stays open: the parent still has the socket open.
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
                    assertThat(end.owner().pid()).isEqualTo(one.atClient);
                    assertThat(end.counters().bytesAcked()).isEqualTo(700);
                    assertThat(end.lifecycle().closeReason()).isEqualTo(CloseReason.FIN);
                }));
    }
}
