package io.natator.enricher.ownership;

import static io.natator.enricher.ownership.ModelDriver.at;
import static io.natator.enricher.ownership.ModelDriver.pod;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeAndServiceOwnershipTest {
    private final ModelDriver driver = new ModelDriver();

    static ClusterObject.Node node(String name, String zone, String... addresses) {
        String region = zone.isEmpty() ? "" : zone.substring(0, zone.length() - 1);
        return new ClusterObject.Node(
                "uid-" + name, name, at(0), Set.of(addresses), Set.of(name + ".example.org"), zone, region);
    }

    private static ClusterObject.Service service(String name, Set<String> cluster, Set<String> external) {
        return new ClusterObject.Service("uid-" + name, "shop", name, at(1), cluster, external, Set.of());
    }

    private static ClusterObject.EndpointSlice slice(String name, String service, String... addresses) {
        return new ClusterObject.EndpointSlice(
                "uid-" + name, "shop", service, at(1), Set.of(addresses), Set.of(), true);
    }

    @Test
    void nodeIsKnownByItsNamesAndAddresses() {
        driver.observe(5, node("node-1", "eu1a", "192.168.0.1", "fd00::1"));

        assertThat(driver.spans("192.168.0.1")).containsExactly("node-1 0..");
        assertThat(driver.spans("fd00::1")).containsExactly("node-1 0..");
        assertThat(driver.identity("node/node-1"))
                .isEqualTo(driver.identity("node/node-1.example.org"))
                .satisfies(identity -> {
                    assertThat(identity.getZone()).isEqualTo("eu1a");
                    assertThat(identity.getRegion()).isEqualTo("eu1");
                });
    }

    @Test
    void nodeThatCameWhileNobodyWatchedHasItsAddressSinceItExists() {
        // Given
        driver.observe(5, node("old", "eu1a", "192.168.0.1"));
        ModelDriver next = driver.restarted();

        // When
        next.observe(
                60, new ClusterObject.Node("uid-new", "new", at(30), Set.of("192.168.0.1"), Set.of(), "eu1a", "eu1"));
        next.listed(61);

        // Then
        assertThat(next.spans("192.168.0.1")).containsExactly("old 0..30", "new 30..");
    }

    @Test
    void nodeThatCameInsteadOfAnotherOneHasItsAddressSinceItExistsWhenBothAreNoticedLate() {
        // Given
        driver.observe(5, node("old", "eu1a", "192.168.0.1"));

        // When
        driver.gone(60, "uid-old");
        driver.observe(60.1, nodeOf(30));

        // Then
        assertThat(driver.spans("192.168.0.1")).containsExactly("old 0..30", "new 30..");
    }

    @Test
    void nodeKeepsItsAddressUntilItIsDeletedWhenAnotherOneComesWithinTheSecond() {
        // Given
        driver.observe(5, node("old", "eu1a", "192.168.0.1"));

        // When
        driver.gone(30.5, "uid-old");
        driver.observe(30.75, nodeOf(30));

        // Then
        assertThat(driver.spans("192.168.0.1")).containsExactly("old 0..30.5", "new 30.5..");
    }

    private static ClusterObject.Node nodeOf(double created) {
        return new ClusterObject.Node("uid-new", "new", at(created), Set.of("192.168.0.1"), Set.of(), "eu1a", "eu1");
    }

    @Test
    void serviceThatCameWhileNobodyWatchedHasItsClusterAddressSinceItExists() {
        // Given
        driver.observe(5, service("old", Set.of("10.96.0.1"), Set.of()));
        ModelDriver next = driver.restarted();

        // When
        next.observe(
                60,
                new ClusterObject.Service(
                        "uid-new", "shop", "new", at(30), Set.of("10.96.0.1"), Set.of(), Set.of("tcp/30080")));
        next.listed(61);

        // Then
        assertThat(next.spans("10.96.0.1")).containsExactly("old 1..30", "new 30..");
    }

    @Test
    void podsStandWhereTheirNodesStand() {
        // Given
        driver.observe(
                5, pod("web").node("node-1").started(2).addresses("10.0.0.1").build());

        // When
        driver.observe(6, node("node-1", "eu1a", "192.168.0.1"));

        // Then
        assertThat(driver.identity("pod/uid-web").getZone()).isEqualTo("eu1a");
        assertThat(driver.owners("10.0.0.1").getFirst().getIdentity().getRegion())
                .isEqualTo("eu1");
    }

    @Test
    void podKeepsItsZoneWhenItsNodeIsDeleted() {
        // Given
        driver.observe(5, node("node-1", "eu1a", "192.168.0.1"));
        driver.observe(
                6, pod("web").node("node-1").started(2).addresses("10.0.0.1").build());
        driver.gone(7, "uid-node-1");

        // When
        driver.observe(
                8,
                pod("web")
                        .node("node-1")
                        .started(2)
                        .running(3)
                        .addresses("10.0.0.1")
                        .build());

        // Then
        assertThat(driver.identity("pod/uid-web").getZone()).isEqualTo("eu1a");
        assertThat(driver.spans("192.168.0.1")).containsExactly("node-1 0..7");

        // When
        driver.expire(7 + 3601);

        // Then
        assertThat(driver.topic).doesNotContainKeys("node/node-1", "node/node-1.example.org");
    }

    @Test
    void serviceOwnsItsClusterAndExternalAddresses() {
        driver.observe(5, service("api", Set.of("10.96.0.1", "fd00:96::1"), Set.of("203.0.113.9")));

        assertThat(driver.spans("10.96.0.1")).containsExactly("api 1..");
        assertThat(driver.spans("fd00:96::1")).containsExactly("api 1..");
        assertThat(driver.spans("203.0.113.9")).containsExactly("api 1..");
    }

    @Test
    void loadBalancerAddressCountsFromWhenItWasSeen() {
        // Given
        driver.observe(5, service("api", Set.of("10.96.0.1"), Set.of()));

        // When
        driver.observe(30.5, service("api", Set.of("10.96.0.1"), Set.of("203.0.113.9")));
        driver.observe(60.5, service("api", Set.of("10.96.0.1"), Set.of()));

        // Then
        assertThat(driver.spans("203.0.113.9")).containsExactly("api 30.5..60.5");
    }

    @Test
    void externalAddressSharedByTwoServicesIsNobodys() {
        // Given
        driver.observe(5, service("a", Set.of(), Set.of("203.0.113.9")));
        driver.observe(20, service("b", Set.of(), Set.of()));

        // When
        driver.observe(30, service("b", Set.of(), Set.of("203.0.113.9")));
        driver.gone(50, "uid-b");

        // Then
        assertThat(driver.spans("203.0.113.9")).containsExactly("a 1..30", "a 50..");
    }

    @Test
    void loadBalancerAddressOfANodeStaysTheNodes() {
        driver.observe(5, service("a", Set.of(), Set.of("192.168.0.1")));
        driver.observe(5, node("node-1", "", "192.168.0.1"));

        assertThat(driver.spans("192.168.0.1")).containsExactly("node-1 0..");
    }

    @Test
    void endpointsThatAreNoPodsGoByTheNameOfTheirService() {
        // Given two slices of one Service share an address
        driver.observe(5, slice("s1", "database", "10.9.9.9"));
        driver.observe(5, slice("s2", "database", "10.9.9.9", "10.9.9.8"));

        // When
        driver.gone(20, "uid-s1");

        // Then
        assertThat(driver.spans("10.9.9.9")).containsExactly("database 1..");

        // When
        driver.observe(30, slice("s2", "database", "10.9.9.8"));

        // Then
        assertThat(driver.spans("10.9.9.9")).containsExactly("database 1..30");
        assertThat(driver.spans("10.9.9.8")).containsExactly("database 1..");
    }

    @Test
    void eachKindIsReconciledByItsOwnList() {
        // Given
        driver.observe(5, node("node-1", "", "192.168.0.1"));
        driver.observe(5, service("api", Set.of("10.96.0.1"), Set.of()));
        driver.observe(5, slice("s1", "database", "10.9.9.9"));
        ModelDriver next = driver.restarted();

        // When
        next.listed(50, Kind.SERVICE);

        // Then
        assertThat(next.spans("10.96.0.1")).containsExactly("api 1..50");
        assertThat(next.spans("10.9.9.9")).containsExactly("database 1..");
        assertThat(next.spans("192.168.0.1")).containsExactly("node-1 0..");

        // When
        next.listed(60);

        // Then
        assertThat(next.spans("10.9.9.9")).containsExactly("database 1..60");
        assertThat(next.spans("192.168.0.1")).containsExactly("node-1 0..60");
    }

    @Test
    void restartWithoutChangesWritesNothing() {
        // Given
        driver.observe(5, node("node-1", "eu1a", "192.168.0.1"));
        driver.observe(5, service("api", Set.of("10.96.0.1"), Set.of("203.0.113.9")));
        driver.observe(5, slice("s1", "database", "10.9.9.9"));
        ModelDriver next = driver.restarted();

        // When
        next.observe(50, node("node-1", "eu1a", "192.168.0.1"));
        next.observe(50, service("api", Set.of("10.96.0.1"), Set.of("203.0.113.9")));
        next.observe(50, slice("s1", "database", "10.9.9.9"));
        next.listed(51);

        // Then
        assertThat(next.written).isZero();
    }
}
