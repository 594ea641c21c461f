package io.natator.topology.ledger;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.address;
import static io.natator.topology.Snapshots.client;
import static io.natator.topology.Snapshots.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.Identity;
import io.natator.topology.FakeIdentities;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two clusters on one topic prefix, whose pods have the same addresses and whose nodes have the same names. */
class ClustersTest {
    private final FakeIdentities clusters = new FakeIdentities();
    private final FakeIdentities east = clusters.addCluster("east");
    private final FakeIdentities west = clusters.addCluster("west");
    private final LedgerRun run = new LedgerRun(clusters);

    @BeforeEach
    void giveTheSameAddressesToDifferentPods() {
        own(east, "web", "10.0.0.1");
        own(east, "db", "10.0.0.2");
        own(west, "cache", "10.0.0.1");
        own(west, "queue", "10.0.0.2");
    }

    private static void own(FakeIdentities cluster, String name, String address) {
        Identity pod = Identity.newBuilder()
                .setKind("Pod")
                .setName(name + "-0")
                .setNamespace("shop")
                .setUid("uid-" + name)
                .setWorkload(FakeIdentities.podOf(name).getWorkload())
                .build();
        cluster.addPod("uid-" + name, pod);
        cluster.addOwner(address, pod, START.minusSeconds(60), null);
    }

    @Test
    void addressIsLookedUpInTheClusterOfTheEndThatSawIt() {
        // When
        run.report(client(1).setCluster("east").setBytesAcked(10));
        run.pass(20);

        // Then
        assertThat(run.links()).containsExactly("web@shop/east -> db@shop/east:8080");
    }

    @Test
    void connectionFromOneClusterIntoTheOtherHasBoth() {
        // When a pod of east connects to a gateway, behind which a pod of west is
        run.report(client(1)
                .setCluster("east")
                .setRemoteAddress(address("172.16.0.7"))
                .setBytesAcked(10));
        run.report(server(2)
                .setCluster("west")
                .setLocalAddress(address("10.0.0.2"))
                .setRemoteAddress(address("172.16.0.9"))
                .setBytesReceived(10));
        run.pass(20);

        // Then
        assertThat(run.links()).containsExactly("web@shop/east -> queue@shop/west:8080");
        assertThat(run.of("web@shop/east -> queue@shop/west:8080").bytesToServer())
                .isEqualTo(10);
    }

    @Test
    void eachEndWaitsForItsOwnCluster() {
        // Given
        west.completeAsOf(START.minusSeconds(1));

        // When
        run.report(client(1).setCluster("east").setRemoteAddress(address("172.16.0.7")));
        run.report(server(2)
                .setCluster("west")
                .setLocalAddress(address("10.0.0.2"))
                .setRemoteAddress(address("172.16.0.9"))
                .setBytesReceived(10));
        run.pass(20);

        // Then
        assertThat(run.links()).containsExactly("web@shop/east -> unknown@unknown:8080");
    }

    @Test
    void clusterWithoutANameIsApartFromThose() {
        // When
        run.report(client(1).setBytesAcked(10));
        run.pass(20);

        // Then
        assertThat(run.links()).containsExactly("curl@node-a -> 10.0.0.2@external:8080");
    }
}
