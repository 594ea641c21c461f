package io.natator.enricher.ownership;

import static io.natator.enricher.ownership.ModelDriver.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests load balancers that have a host name instead of an address. */
class LoadBalancerNamesTest {
    private static final String NAME = "lb.example.org";
    private static final String ADDRESS = "198.51.100.7";

    private final ModelDriver driver = new ModelDriver();

    private static ClusterObject.Service service(String name, String... hostNames) {
        return new ClusterObject.Service(
                ModelDriver.metadata(name, 1), Set.of(), Set.of(), Set.of(hostNames), Map.of(), Map.of(), Set.of());
    }

    private void resolved(ModelDriver model, double seconds, String... addresses) {
        model.model.onHostNameResolved(NAME, Set.of(addresses), at(seconds));
        model.drain(seconds);
    }

    @Test
    void serviceOwnsAnAddressSinceTheLookUpBeforeTheFirstThatFoundIt() {
        // Given
        driver.onObject(5, service("web", NAME));
        assertThat(driver.model.drainHostNames(at(5))).containsExactly(NAME);
        assertThat(driver.model.drainHostNames(at(6))).isEmpty();

        // When
        resolved(driver, 7, ADDRESS);
        assertThat(driver.model.drainHostNames(at(36))).isEmpty();
        assertThat(driver.model.drainHostNames(at(37))).containsExactly(NAME);
        resolved(driver, 38, ADDRESS, "198.51.100.8");

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("web 7..");
        assertThat(driver.spans("198.51.100.8")).containsExactly("web 7..");
        assertThat(driver.model.size().network().unresolvedHostNames()).isZero();
    }

    @Test
    void addressIsReleasedIfNoAnswerContainsItForFiveMinutes() {
        // Given
        driver.onObject(5, service("web", NAME));
        resolved(driver, 7, ADDRESS);

        // When
        resolved(driver, 100, "198.51.100.8");
        resolved(driver, 290);
        driver.checkDue(300);

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("web 7..");

        // When
        driver.checkDue(308);

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("web 7..308");
        assertThat(driver.spans("198.51.100.8")).containsExactly("web 7..");
    }

    @Test
    void lookUpWithoutAnAnswerIsRepeatedSoon() {
        driver.onObject(5, service("web", NAME));
        driver.model.drainHostNames(at(5));
        resolved(driver, 7);

        assertThat(driver.model.size().network().unresolvedHostNames()).isEqualTo(1);
        assertThat(driver.model.drainHostNames(at(16))).isEmpty();
        assertThat(driver.model.drainHostNames(at(17))).containsExactly(NAME);
    }

    @Test
    void restartRetainsTheAddressesUntilTheNameIsLookedUpAgain() {
        // Given
        driver.onObject(5, service("web", NAME));
        resolved(driver, 7, ADDRESS);
        ModelDriver next = driver.restarted();

        // When
        next.onObject(30, service("web", NAME));
        next.onListed(31);
        resolved(next, 32, ADDRESS);

        // Then
        assertThat(next.spans(ADDRESS)).containsExactly("web 7..");
        assertThat(next.written).isZero();
    }

    @Test
    void deletedServiceReleasesTheAddress() {
        // Given
        driver.onObject(5, service("web", NAME));
        resolved(driver, 7, ADDRESS);

        // When
        driver.onDeleted(20, "uid-web");
        resolved(driver, 40, ADDRESS);

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("web 7..20");
        assertThat(driver.model.drainHostNames(at(100))).isEmpty();
    }

    @Test
    void serviceWithoutItsHostNameReleasesTheAddress() {
        // Given
        driver.onObject(5, service("web", NAME));
        resolved(driver, 7, ADDRESS);

        // When
        driver.onObject(20, service("web"));

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("web 7..20");
    }

    @Test
    void namesAboveTheLimitAreIgnoredAndCounted() {
        for (int i = 0; i < LoadBalancerNames.MAX_NAMES + 5; i++) {
            driver.onObject(5, service("s" + i, i + ".example.org"));
        }

        assertThat(driver.model.drainHostNames(at(6))).hasSize(LoadBalancerNames.MAX_NAMES);
        assertThat(driver.model.size().network().unresolvedHostNames()).isEqualTo(LoadBalancerNames.MAX_NAMES + 5);
    }
}
