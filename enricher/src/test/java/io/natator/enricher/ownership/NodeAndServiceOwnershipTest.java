package io.natator.enricher.ownership;

import static io.natator.enricher.ownership.ModelDriver.pod;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeAndServiceOwnershipTest {
    private final ModelDriver driver = new ModelDriver();

    static ClusterObject.Node node(String name, String zone, String... addresses) {
        String region = zone.isEmpty() ? "" : zone.substring(0, zone.length() - 1);
        return new ClusterObject.Node(
                ModelDriver.metadata(name, 0),
                Set.of(addresses),
                Set.of(name + ".example.org"),
                new ClusterObject.Location(zone, region),
                Set.of());
    }

    private static ClusterObject.Service service(String name, Set<String> cluster, Set<String> external) {
        return new ClusterObject.Service(
                ModelDriver.metadata(name, 1), cluster, external, Set.of(), Map.of(), Map.of(), Set.of());
    }

    private static ClusterObject.EndpointSlice slice(String name, String service, String... addresses) {
        return new ClusterObject.EndpointSlice(
                ModelDriver.metadata(name, 1), service, Set.of(addresses), Map.of(), Set.of(), true);
    }

    @Test
    void nodeOwnsItsAddressesAndHasARecordPerName() {
        driver.onObject(5, node("node-1", "eu1a", "192.168.0.1", "fd00::1"));

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
    void nodeCreatedBetweenRunsOwnsItsAddressSinceItsCreation() {
        // Given
        driver.onObject(5, node("old", "eu1a", "192.168.0.1"));
        ModelDriver next = driver.restarted();

        // When
        next.onObject(
                60,
                new ClusterObject.Node(
                        ModelDriver.metadata("new", 30),
                        Set.of("192.168.0.1"),
                        Set.of(),
                        new ClusterObject.Location("eu1a", "eu1"),
                        Set.of()));
        next.onListed(61);

        // Then
        assertThat(next.spans("192.168.0.1")).containsExactly("old 0..5", "new 30..");
    }

    @Test
    void replacementNodeOwnsTheAddressSinceItsCreationIfBothChangesAreObservedLate() {
        // Given
        driver.onObject(5, node("old", "eu1a", "192.168.0.1"));

        // When
        driver.onDeleted(60, "uid-old");
        driver.onObject(60.1, nodeOf(30));

        // Then
        assertThat(driver.spans("192.168.0.1")).containsExactly("old 0..30", "new 30..");
    }

    @Test
    void replacedNodeOwnsItsAddressUntilItsDeletionIfBothAreWithinASecond() {
        // Given
        driver.onObject(5, node("old", "eu1a", "192.168.0.1"));

        // When
        driver.onDeleted(30.5, "uid-old");
        driver.onObject(30.75, nodeOf(30));

        // Then
        assertThat(driver.spans("192.168.0.1")).containsExactly("old 0..30.5", "new 30.5..");
    }

    private static ClusterObject.Node nodeOf(double created) {
        return new ClusterObject.Node(
                ModelDriver.metadata("new", created),
                Set.of("192.168.0.1"),
                Set.of(),
                new ClusterObject.Location("eu1a", "eu1"),
                Set.of());
    }

    @Test
    void serviceCreatedBetweenRunsOwnsItsClusterAddressSinceItsCreation() {
        // Given
        driver.onObject(5, service("old", Set.of("10.96.0.1"), Set.of()));
        ModelDriver next = driver.restarted();

        // When
        next.onObject(
                60,
                new ClusterObject.Service(
                        ModelDriver.metadata("new", 30),
                        Set.of("10.96.0.1"),
                        Set.of(),
                        Set.of(),
                        Map.of(),
                        Map.of(),
                        Set.of("tcp/30080")));
        next.onListed(61);

        // Then
        assertThat(next.spans("10.96.0.1")).containsExactly("old 1..5", "new 30..");
    }

    @Test
    void podHasTheZoneOfItsNode() {
        // Given
        driver.onObject(
                5, pod("web").node("node-1").started(2).addresses("10.0.0.1").build());

        // When
        driver.onObject(6, node("node-1", "eu1a", "192.168.0.1"));

        // Then
        assertThat(driver.identity("pod/uid-web").getZone()).isEqualTo("eu1a");
        assertThat(driver.owners("10.0.0.1").getFirst().getIdentity().getRegion())
                .isEqualTo("eu1");
    }

    @Test
    void podKeepsItsZoneWhenItsNodeIsDeleted() {
        // Given
        driver.onObject(5, node("node-1", "eu1a", "192.168.0.1"));
        driver.onObject(
                6, pod("web").node("node-1").started(2).addresses("10.0.0.1").build());
        driver.onDeleted(7, "uid-node-1");

        // When
        driver.onObject(
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
        driver.checkDue(7 + 3601);

        // Then
        assertThat(driver.topic).doesNotContainKeys("node/node-1", "node/node-1.example.org");
    }

    @Test
    void serviceOwnsItsClusterAndExternalAddresses() {
        driver.onObject(5, service("api", Set.of("10.96.0.1", "fd00:96::1"), Set.of("203.0.113.9")));

        assertThat(driver.spans("10.96.0.1")).containsExactly("api 1..");
        assertThat(driver.spans("fd00:96::1")).containsExactly("api 1..");
        assertThat(driver.spans("203.0.113.9")).containsExactly("api 1..");
    }

    @Test
    void serviceOwnsALoadBalancerAddressSinceItsObservation() {
        // Given
        driver.onObject(5, service("api", Set.of("10.96.0.1"), Set.of()));

        // When
        driver.onObject(30.5, service("api", Set.of("10.96.0.1"), Set.of("203.0.113.9")));
        driver.onObject(60.5, service("api", Set.of("10.96.0.1"), Set.of()));

        // Then
        assertThat(driver.spans("203.0.113.9")).containsExactly("api 30.5..60.5");
    }

    @Test
    void externalAddressOfTwoServicesHasBothOwners() {
        // Given
        driver.onObject(5, service("a", Set.of(), Set.of("203.0.113.9")));
        driver.onObject(20, service("b", Set.of(), Set.of()));

        // When
        driver.onObject(30, service("b", Set.of(), Set.of("203.0.113.9")));
        driver.onDeleted(50, "uid-b");

        // Then
        assertThat(driver.spans("203.0.113.9")).containsExactly("b 30..50", "a 1..");
    }

    @Test
    void nodeOwnsItsAddressAlthoughALoadBalancerHasIt() {
        driver.onObject(5, service("a", Set.of(), Set.of("192.168.0.1")));
        driver.onObject(5, node("node-1", "", "192.168.0.1"));

        assertThat(driver.spans("192.168.0.1")).containsExactly("node-1 0..");
    }

    @Test
    void serviceOwnsItsEndpointsThatAreNoPods() {
        // Given two slices of one Service share an address
        driver.onObject(5, slice("s1", "database", "10.9.9.9"));
        driver.onObject(5, slice("s2", "database", "10.9.9.9", "10.9.9.8"));

        // When
        driver.onDeleted(20, "uid-s1");

        // Then
        assertThat(driver.spans("10.9.9.9")).containsExactly("database 1..");

        // When
        driver.onObject(30, slice("s2", "database", "10.9.9.8"));

        // Then
        assertThat(driver.spans("10.9.9.9")).containsExactly("database 1..30");
        assertThat(driver.spans("10.9.9.8")).containsExactly("database 1..");
    }

    @Test
    void listOfAKindClosesSpansOfThatKindOnly() {
        // Given
        driver.onObject(5, node("node-1", "", "192.168.0.1"));
        driver.onObject(5, service("api", Set.of("10.96.0.1"), Set.of()));
        driver.onObject(5, slice("s1", "database", "10.9.9.9"));
        ModelDriver next = driver.restarted();

        // When
        next.onListed(50, ReconciledKind.SERVICE);

        // Then
        assertThat(next.spans("10.96.0.1")).containsExactly("api 1..5");
        assertThat(next.spans("10.9.9.9")).containsExactly("database 1..");
        assertThat(next.spans("192.168.0.1")).containsExactly("node-1 0..");

        // When
        next.onListed(60);

        // Then
        assertThat(next.spans("10.9.9.9")).containsExactly("database 1..5");
        assertThat(next.spans("192.168.0.1")).containsExactly("node-1 0..5");
    }

    @Test
    void restartWithoutChangesWritesNothing() {
        // Given
        driver.onObject(5, node("node-1", "eu1a", "192.168.0.1"));
        driver.onObject(5, service("api", Set.of("10.96.0.1"), Set.of("203.0.113.9")));
        driver.onObject(5, slice("s1", "database", "10.9.9.9"));
        ModelDriver next = driver.restarted();

        // When
        next.onObject(50, node("node-1", "eu1a", "192.168.0.1"));
        next.onObject(50, service("api", Set.of("10.96.0.1"), Set.of("203.0.113.9")));
        next.onObject(50, slice("s1", "database", "10.9.9.9"));
        next.onListed(51);

        // Then
        assertThat(next.written).isZero();
    }
}
