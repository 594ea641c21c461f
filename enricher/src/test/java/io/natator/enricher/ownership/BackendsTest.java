package io.natator.enricher.ownership;

import static io.natator.enricher.ownership.ModelDriver.at;
import static io.natator.enricher.ownership.ModelDriver.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Ownership;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which workload answers behind a Service, and since when. */
class BackendsTest {
    private static final String ADDRESS = "10.96.0.1";
    private static final String EXTERNAL = "203.0.113.9";

    private ModelDriver driver = new ModelDriver();

    private static ClusterObject.Service cart() {
        return new ClusterObject.Service(
                "uid-cart", "shop", "cart", at(1), Set.of(ADDRESS), Set.of(EXTERNAL), Set.of("tcp/30080"));
    }

    /** A slice of the Service cart; its endpoints are the pods of these names. */
    private static ClusterObject.EndpointSlice slice(String name, String... pods) {
        Set<String> uids =
                Set.copyOf(List.of(pods).stream().map(pod -> "uid-" + pod).toList());
        return new ClusterObject.EndpointSlice("uid-" + name, "shop", "cart", at(1), Set.of(), uids, true);
    }

    private void deployment(double seconds, String name) {
        driver.observe(
                seconds, new ClusterObject.Controller("uid-" + name, new ObjectRef("Deployment", "shop", name), null));
    }

    private void podOf(double seconds, String deployment, String name) {
        driver.observe(
                seconds,
                pod(name)
                        .started(1)
                        .addresses("10.0.0." + name.hashCode() % 250)
                        .controller("Deployment", deployment)
                        .build());
    }

    private void node(double seconds, String name, String zone) {
        driver.observe(seconds, new ClusterObject.Node("uid-" + name, name, at(0), Set.of(), Set.of(), zone, "eu"));
    }

    private void podOn(double seconds, String node, String name) {
        driver.observe(
                seconds,
                pod(name)
                        .node(node)
                        .started(1)
                        .addresses("10.0.0." + name.hashCode() % 250)
                        .controller("Deployment", "web")
                        .build());
    }

    /** Where an address's backends stand over time: {@code zone region from..until}, in seconds. */
    private List<String> places(String key) {
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
    void serviceWhosePodsAreOfOneWorkloadNamesItEverywhere() {
        // Given, in the order of the first lists
        driver.observe(5, cart());
        driver.observe(6, slice("s1", "a"));
        driver.observe(6, slice("s2", "b"));
        deployment(7, "web");

        // When
        podOf(8, "web", "a");
        podOf(9, "web", "b");

        // Then it is what is known of the past too
        assertThat(backends("ip/" + ADDRESS)).containsExactly("web 1..");
        assertThat(backends("ip/" + EXTERNAL)).containsExactly("web 1..");
        assertThat(backends("nodeport/tcp/30080")).containsExactly("web 1..");
    }

    @Test
    void serviceStandsWhereAllPodsBehindItStand() {
        // Given
        node(1, "node-1", "eu-a");
        node(1, "node-2", "eu-a");
        node(1, "node-3", "eu-b");
        deployment(2, "web");
        podOn(3, "node-1", "a");
        podOn(3, "node-2", "b");
        driver.observe(5, cart());

        // When
        driver.observe(5, slice("s1", "a", "b"));

        // Then
        assertThat(places("ip/" + ADDRESS)).containsExactly("eu-a eu 1..");

        // When one more stands in another zone of the region, and then its node's zone is corrected
        podOn(20, "node-3", "c");
        driver.observe(20, slice("s1", "a", "b", "c"));
        node(30, "node-3", "eu-a");
        driver.drain(30);

        // Then
        assertThat(places("ip/" + ADDRESS)).containsExactly("eu-a eu 1..20", " eu 20..30", "eu-a eu 30..");
    }

    @Test
    void whereAServiceStandsIsKnownOverARestart() {
        // Given
        node(1, "node-1", "eu-a");
        deployment(2, "web");
        podOn(3, "node-1", "a");
        driver.observe(5, cart());
        driver.observe(5, slice("s1", "a"));

        // When
        driver = driver.restarted();
        driver.observe(20, cart());
        driver.listed(21, Kind.SERVICE);

        // Then
        assertThat(places("ip/" + ADDRESS)).containsExactly("eu-a eu 1..");
    }

    @Test
    void endpointWhosePodIsNotKnownYetIsWaitedFor() {
        driver.observe(5, cart());
        driver.observe(6, slice("s1", "a", "b"));
        deployment(7, "web");
        podOf(8, "web", "a");

        assertThat(backends("ip/" + ADDRESS)).containsExactly("- 1..");
    }

    @Test
    void anotherBackendCountsFromWhenItIsOne() {
        // Given
        deployment(2, "blue");
        deployment(2, "green");
        podOf(3, "blue", "a");
        podOf(3, "green", "b");
        driver.observe(5, cart());
        driver.observe(5, slice("s1", "a"));

        // When the selector is turned to another workload, both at once for a while
        driver.observe(20, slice("s1", "a", "b"));
        driver.observe(30, slice("s1", "b"));

        // Then
        assertThat(backends("ip/" + ADDRESS)).containsExactly("blue 1..20", "- 20..30", "green 30..");
        assertThat(backends("ip/" + EXTERNAL)).containsExactly("blue 1..20", "- 20..30", "green 30..");
        assertThat(backends("nodeport/tcp/30080")).containsExactly("blue 1..20", "- 20..30", "green 30..");
    }

    @Test
    void rolloutAndScalingToNothingChangeNothing() {
        // Given
        deployment(2, "web");
        podOf(3, "web", "a");
        driver.observe(5, cart());
        driver.observe(5, slice("s1", "a"));
        int written = driver.written;

        // When
        driver.observe(10, slice("s1", "a", "new"));
        podOf(11, "web", "new");
        driver.gone(12, "uid-a");
        driver.observe(13, slice("s1", "new"));
        driver.observe(14, slice("s1"));
        driver.gone(15, "uid-s1");

        // Then
        assertThat(backends("ip/" + ADDRESS)).containsExactly("web 1..");
        assertThat(driver.written)
                .as("the records of the pods and their addresses, no more")
                .isEqualTo(written + 3);
    }

    @Test
    void endpointThatIsNoPodLeavesTheServiceAsItself() {
        // Given
        deployment(2, "web");
        podOf(3, "web", "a");
        driver.observe(5, cart());

        // When
        driver.observe(
                6,
                new ClusterObject.EndpointSlice(
                        "uid-s1", "shop", "cart", at(1), Set.of("10.9.9.9"), Set.of("uid-a"), false));

        // Then
        assertThat(backends("ip/" + ADDRESS)).containsExactly("- 1..");
    }

    @Test
    void podThatIsAdoptedTakesItsServiceAlong() {
        // Given
        podOf(3, "web", "a");
        driver.observe(5, cart());
        driver.observe(5, slice("s1", "a"));

        // When its owner becomes known
        deployment(6, "web");

        // Then
        assertThat(backends("ip/" + ADDRESS)).containsExactly("web 1..");
    }

    @Test
    void restartKeepsTheBackendsAndTheirTimes() {
        // Given
        deployment(2, "blue");
        deployment(2, "green");
        podOf(3, "blue", "a");
        podOf(3, "green", "b");
        driver.observe(5, cart());
        driver.observe(5, slice("s1", "a"));
        driver.observe(20, slice("s1", "b"));
        driver = driver.restarted();

        // When listed in the usual order, pods last
        driver.observe(50, cart());
        driver.observe(50, slice("s1", "b"));
        deployment(50, "green");
        podOf(50, "green", "b");
        driver.listed(51, Kind.SERVICE, Kind.ENDPOINT_SLICE);

        // Then
        assertThat(driver.written).isZero();
        assertThat(backends("ip/" + ADDRESS)).containsExactly("blue 1..20", "green 20..");
        assertThat(backends("nodeport/tcp/30080")).containsExactly("blue 1..20", "green 20..");
    }

    @Test
    void nodePortOfADeletedServiceEnds() {
        // Given
        driver.observe(5, cart());

        // When
        driver.gone(20, "uid-cart");

        // Then
        assertThat(backends("nodeport/tcp/30080")).containsExactly("- 1..20");
    }

    @Test
    void nodePortOfAServiceDeletedWhileNobodyWatchedIsClosedAtTheNextList() {
        driver.observe(5, cart());
        driver = driver.restarted();

        driver.listed(50, Kind.SERVICE);

        assertThat(backends("nodeport/tcp/30080")).containsExactly("- 1..50");
    }
}
