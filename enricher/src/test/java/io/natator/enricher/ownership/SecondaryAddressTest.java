package io.natator.enricher.ownership;

import static io.natator.enricher.ownership.ModelDriver.pod;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Tests the addresses of further network interfaces of pods. */
class SecondaryAddressTest {
    private static final String ADDRESS = "172.29.0.5";

    private final ModelDriver driver = new ModelDriver();

    @Test
    void belongsToThePodUntilThePodEnds() {
        // Given
        driver.onObject(
                3, pod("a").started(2).addresses("10.0.0.1").secondary(ADDRESS).build());
        assertThat(driver.spans(ADDRESS)).containsExactly("a 2..");

        // When
        driver.onObject(
                20,
                pod("a").started(2)
                        .addresses("10.0.0.1")
                        .secondary(ADDRESS)
                        .finished(15)
                        .build());

        // Then
        assertThat(driver.spans(ADDRESS)).containsExactly("a 2..16");
    }

    /** Networks that are not connected can have equal addresses. */
    @Test
    void belongsToNobodyWhileTwoPodsHaveIt() {
        driver.onObject(3, pod("a").started(2).secondary(ADDRESS).build());
        driver.onObject(11, pod("b").started(10).secondary(ADDRESS).build());
        driver.onDeleted(20, "uid-a");

        assertThat(driver.spans(ADDRESS)).containsExactly("a 2..10", "b 20..");
    }

    @Test
    void neverTakesTheAddressOfAnotherPod() {
        driver.onObject(3, pod("a").started(2).addresses(ADDRESS).build());
        driver.onObject(4, pod("b").started(3).secondary(ADDRESS).build());

        assertThat(driver.spans(ADDRESS)).containsExactly("a 2..");
    }

    @Test
    void survivesARestart() {
        // Given
        driver.onObject(
                3, pod("a").started(2).addresses("10.0.0.1").secondary(ADDRESS).build());
        ModelDriver next = driver.restarted();

        // When
        next.onObject(
                30, pod("a").started(2).addresses("10.0.0.1").secondary(ADDRESS).build());
        next.onListed(31);

        // Then
        assertThat(next.spans(ADDRESS)).containsExactly("a 2..");
        assertThat(next.written).isZero();
    }
}
