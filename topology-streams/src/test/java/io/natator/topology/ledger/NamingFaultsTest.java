package io.natator.topology.ledger;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.Identity;
import io.natator.schemas.NameKind;
import io.natator.schemas.SocketOwner;
import io.natator.topology.FakeIdentities;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

/**
 * Shows faults of naming: links get a wrong name, or miss a better name that becomes known within
 * {@code --settle-after}.
 */
class NamingFaultsTest {
    private final FakeIdentities identities = new FakeIdentities();
    private final LedgerRun run = new LedgerRun(identities);

    /** The socket belongs to pod uid-new, but the enricher still reports pod uid-old as the owner of the address. */
    @Test
    void podIsNeverNamedAfterAnotherPodThatHadItsAddress() {
        // Given
        Identity old = Identity.newBuilder(FakeIdentities.podOf("billing"))
                .setUid("uid-old")
                .build();
        identities.addNode(FakeIdentities.nodeOf("node-a"));
        identities.addPod("uid-old", old);
        identities.addOwner("10.0.0.1", old, START.minusSeconds(3600), null);

        // When
        run.report(client(1)
                .setOwner(SocketOwner.newBuilder()
                        .setCommand("curl")
                        .setPodUid("uid-new")
                        .build())
                .setRemoteAddress(address("8.8.8.8"))
                .setBytesAcked(10));
        run.pass(11);

        // Then
        assertThat(run.links()).noneMatch(link -> link.startsWith("billing@shop"));
    }

    /** The first report of an end has no pod UID. The second report, within {@code --settle-after}, has the UID. */
    @Test
    void podThatOnlyTheSecondReportKnowsNamesTheLink() {
        // Given
        identities.addNode(FakeIdentities.nodeOf("node-a"));
        identities.addPod("uid-web", FakeIdentities.podOf("web"));
        run.report(client(1).setBytesAcked(1));

        // When
        run.report(client(1)
                .setOwner(SocketOwner.newBuilder()
                        .setCommand("curl")
                        .setPodUid("uid-web")
                        .build())
                .setBytesAcked(2)
                .setObservedAt(START.plusSeconds(3)));
        run.pass(11);

        // Then
        assertThat(run.links()).containsExactly("web@shop -> 10.0.0.2@external:8080");
    }

    /** The process had ended at the first report. A later report, within {@code --settle-after}, has its name. */
    @Test
    void nameThatOnlyTheSecondReportKnowsNamesTheLink() {
        // Given
        run.report(client(1)
                .setOwner(SocketOwner.newBuilder()
                        .setCommand("java")
                        .setNameKind(NameKind.UNRESOLVED)
                        .build())
                .setBytesAcked(1));

        // When
        run.report(client(1)
                .setOwner(SocketOwner.newBuilder()
                        .setCommand("java")
                        .setName("kafka")
                        .setNameKind(NameKind.UNIT)
                        .build())
                .setBytesAcked(2)
                .setObservedAt(START.plusSeconds(3)));
        run.pass(11);

        // Then
        assertThat(run.links()).containsExactly("kafka@node-a -> 10.0.0.2@external:8080");
    }

    /** In a new installation, a process outside a pod is reported before the process's node is known. */
    @Test
    @Disabled("A process outside a pod does not wait for its node to become known.")
    void nodeThatBecomesKnownWithinTheBoundNamesTheLink() {
        // Given
        run.report(client(1).setRemoteAddress(address("8.8.8.8")).setBytesAcked(1));

        // When
        identities.addNode(FakeIdentities.nodeOf("node-a"));
        identities.addOwner("10.0.0.1", FakeIdentities.nodeOf("node-a"), START.minusSeconds(3600), null);
        run.pass(11);
        run.report(
                client(1).setRemoteAddress(address("8.8.8.8")).setBytesAcked(2).setObservedAt(START.plusSeconds(30)));

        // Then
        assertThat(run.links()).containsExactly("node-a@node -> 8.8.8.8@external:8080");
    }
}
