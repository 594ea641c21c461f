package io.natator.enricher.ownership;

import static io.natator.enricher.ownership.ModelDriver.at;
import static io.natator.enricher.ownership.ModelDriver.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Ownership;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests which workload is the backend of a Service, and since when. */
class ServiceBackendsTest {
    private static final String ADDRESS = "10.96.0.1";
    private static final String EXTERNAL = "203.0.113.9";

    private ModelDriver driver = new ModelDriver();

    private static ClusterObject.Service cart() {
        return new ClusterObject.Service(
                ModelDriver.metadata("cart", 1),
                Set.of(ADDRESS),
                Set.of(EXTERNAL),
                Set.of(),
                Map.of(),
                Map.of(),
                Set.of("tcp/30080"));
    }

    /** An EndpointSlice of the Service {@code cart}. Its endpoints are the pods of these names. */
    private static ClusterObject.EndpointSlice slice(String name, String... pods) {
        Set<String> uids =
                Set.copyOf(List.of(pods).stream().map(pod -> "uid-" + pod).toList());
        return new ClusterObject.EndpointSlice(ModelDriver.metadata(name, 1), "cart", Set.of(), Map.of(), uids, true);
    }

    private void deployment(double seconds, String name) {
        driver.onObject(
                seconds, new ClusterObject.Controller("uid-" + name, new ObjectRef("Deployment", "shop", name), null));
    }

    private void podOf(double seconds, String deployment, String name) {
        driver.onObject(
                seconds,
                pod(name)
                        .started(1)
                        .addresses("10.0.0." + name.hashCode() % 250)
                        .controller("Deployment", deployment)
                        .build());
    }

    private void node(double seconds, String name, String zone) {
        driver.onObject(
                seconds,
                new ClusterObject.Node(
                        ModelDriver.metadata(name, 0),
                        Set.of(),
                        Set.of(),
                        new ClusterObject.Location(zone, "eu"),
                        Set.of()));
    }

    private void podOn(double seconds, String node, String name) {
        driver.onObject(
                seconds,
                pod(name)
                        .node(node)
                        .started(1)
                        .addresses("10.0.0." + name.hashCode() % 250)
                        .controller("Deployment", "web")
                        .build());
    }

    /** The zones of an address's owners over time: {@code zone region from..until}, in seconds. */
    private List<String> zones(String key) {
        return ((AddressOwners) Objects.requireNonNull(driver.topic.get(key)))
                .getOwners().stream()
                        .map(owner -> owner.getIdentity().getZone() + " "
                                + owner.getIdentity().getRegion() + " " + span(owner))
                        .toList();
    }

    /** The backends of an address over time: {@code workload from..until}, in seconds. */
    private List<String> backends(String key) {
        return ((AddressOwners) Objects.requireNonNull(driver.topic.get(key)))
                .getOwners().stream()
                        .map(owner -> nameOf(owner.getIdentity()) + " " + span(owner))
                        .toList();
    }

    private static String nameOf(Identity service) {
        return service.getBackend() == null ? "-" : service.getBackend().getName();
    }

    private static String span(Ownership owner) {
        String until = owner.getUntil() == null
                ? ""
                : Long.toString(owner.getUntil().getEpochSecond() - at(0).getEpochSecond());
        return owner.getFrom().getEpochSecond() - at(0).getEpochSecond() + ".." + until;
    }

    @Test
    void serviceOfOneWorkloadHasItAsItsBackend() {
        // Given objects in the order of the first lists
        driver.onObject(5, cart());
        driver.onObject(6, slice("s1", "a"));
        driver.onObject(6, slice("s2", "b"));
        deployment(7, "web");

        // When
        podOf(8, "web", "a");
        podOf(9, "web", "b");

        // Then the workload is the backend since the Service's creation
        assertThat(backends("ip/" + ADDRESS)).containsExactly("web 1..");
        assertThat(backends("ip/" + EXTERNAL)).containsExactly("web 1..");
        assertThat(backends("nodeport/tcp/30080")).containsExactly("web 1..");
    }

    @Test
    void serviceHasTheZoneOfAllItsPods() {
        // Given
        node(1, "node-1", "eu-a");
        node(1, "node-2", "eu-a");
        node(1, "node-3", "eu-b");
        deployment(2, "web");
        podOn(3, "node-1", "a");
        podOn(3, "node-2", "b");
        driver.onObject(5, cart());

        // When
        driver.onObject(5, slice("s1", "a", "b"));

        // Then
        assertThat(zones("ip/" + ADDRESS)).containsExactly("eu-a eu 1..");

        // When a pod is added in another zone of the region, and later its node's zone is corrected
        podOn(20, "node-3", "c");
        driver.onObject(20, slice("s1", "a", "b", "c"));
        node(30, "node-3", "eu-a");
        driver.drain(30);

        // Then
        assertThat(zones("ip/" + ADDRESS)).containsExactly("eu-a eu 1..20", " eu 20..30", "eu-a eu 30..");
    }

    @Test
    void zoneOfAServiceStaysOverARestart() {
        // Given
        node(1, "node-1", "eu-a");
        deployment(2, "web");
        podOn(3, "node-1", "a");
        driver.onObject(5, cart());
        driver.onObject(5, slice("s1", "a"));

        // When
        driver = driver.restarted();
        driver.onObject(20, cart());
        driver.onListed(21, ReconciledKind.SERVICE);

        // Then
        assertThat(zones("ip/" + ADDRESS)).containsExactly("eu-a eu 1..");
    }

    @Test
    void backendIsUnknownUntilAllPodsAreKnown() {
        driver.onObject(5, cart());
        driver.onObject(6, slice("s1", "a", "b"));
        deployment(7, "web");
        podOf(8, "web", "a");

        assertThat(backends("ip/" + ADDRESS)).containsExactly("- 1..");
    }

    @Test
    void changedBackendStartsANewSpan() {
        // Given
        deployment(2, "blue");
        deployment(2, "green");
        podOf(3, "blue", "a");
        podOf(3, "green", "b");
        driver.onObject(5, cart());
        driver.onObject(5, slice("s1", "a"));

        // When the selector changes to another workload, and both workloads are endpoints for 10 s
        driver.onObject(20, slice("s1", "a", "b"));
        driver.onObject(30, slice("s1", "b"));

        // Then
        assertThat(backends("ip/" + ADDRESS)).containsExactly("blue 1..20", "- 20..30", "green 30..");
        assertThat(backends("ip/" + EXTERNAL)).containsExactly("blue 1..20", "- 20..30", "green 30..");
        assertThat(backends("nodeport/tcp/30080")).containsExactly("blue 1..20", "- 20..30", "green 30..");
    }

    @Test
    void backendStaysOverARolloutAndScalingToZero() {
        // Given
        deployment(2, "web");
        podOf(3, "web", "a");
        driver.onObject(5, cart());
        driver.onObject(5, slice("s1", "a"));
        int written = driver.written;

        // When
        driver.onObject(10, slice("s1", "a", "new"));
        podOf(11, "web", "new");
        driver.onDeleted(12, "uid-a");
        driver.onObject(13, slice("s1", "new"));
        driver.onObject(14, slice("s1"));
        driver.onDeleted(15, "uid-s1");

        // Then
        assertThat(backends("ip/" + ADDRESS)).containsExactly("web 1..");
        assertThat(driver.written)
                .as("the records of the pods and their addresses, no more")
                .isEqualTo(written + 3);
    }

    @Test
    void serviceWithAnEndpointThatIsNoPodHasNoBackend() {
        // Given
        deployment(2, "web");
        podOf(3, "web", "a");
        driver.onObject(5, cart());

        // When
        driver.onObject(
                6,
                new ClusterObject.EndpointSlice(
                        ModelDriver.metadata("s1", 1), "cart", Set.of("10.9.9.9"), Map.of(), Set.of("uid-a"), false));

        // Then
        assertThat(backends("ip/" + ADDRESS)).containsExactly("- 1..");
    }

    @Test
    void backendFollowsTheNameOfAnAdoptedPod() {
        // Given
        podOf(3, "web", "a");
        driver.onObject(5, cart());
        driver.onObject(5, slice("s1", "a"));

        // When the Deployment becomes known
        deployment(6, "web");

        // Then
        assertThat(backends("ip/" + ADDRESS)).containsExactly("web 1..");
    }

    @Test
    void backendsAndTheirSpansStayOverARestart() {
        // Given
        deployment(2, "blue");
        deployment(2, "green");
        podOf(3, "blue", "a");
        podOf(3, "green", "b");
        driver.onObject(5, cart());
        driver.onObject(5, slice("s1", "a"));
        driver.onObject(20, slice("s1", "b"));
        driver = driver.restarted();

        // When the cluster is listed in the usual order, pods last
        driver.onObject(50, cart());
        driver.onObject(50, slice("s1", "b"));
        deployment(50, "green");
        podOf(50, "green", "b");
        driver.onListed(51, ReconciledKind.SERVICE, ReconciledKind.ENDPOINT_SLICE);

        // Then
        assertThat(driver.written).isZero();
        assertThat(backends("ip/" + ADDRESS)).containsExactly("blue 1..20", "green 20..");
        assertThat(backends("nodeport/tcp/30080")).containsExactly("blue 1..20", "green 20..");
    }

    @Test
    void nodePortOfADeletedServiceEnds() {
        // Given
        driver.onObject(5, cart());

        // When
        driver.onDeleted(20, "uid-cart");

        // Then
        assertThat(backends("nodeport/tcp/30080")).containsExactly("- 1..20");
    }

    @Test
    void nodePortOfAServiceDeletedBetweenRunsEndsWhenItWasLastKnown() {
        driver.onObject(5, cart());
        driver = driver.restarted();

        driver.onListed(50, ReconciledKind.SERVICE);

        assertThat(backends("nodeport/tcp/30080")).containsExactly("- 1..5");
    }
}
