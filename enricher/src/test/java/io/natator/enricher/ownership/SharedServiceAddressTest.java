package io.natator.enricher.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests addresses that several Services share, and are told apart by port. */
class SharedServiceAddressTest {
    private static final String SHARED = "192.0.2.240";

    private final ModelDriver driver = new ModelDriver();

    private static ClusterObject.Service service(String name, double created, int port) {
        return new ClusterObject.Service(
                ModelDriver.metadata(name, created),
                Set.of(),
                Set.of(SHARED),
                Set.of(),
                Map.of("tcp/" + port, ""),
                Map.of(),
                Set.of());
    }

    private static ClusterObject.EndpointSlice slice(String service, int port) {
        return new ClusterObject.EndpointSlice(
                ModelDriver.metadata(service + "-s", 1),
                service,
                Set.of("10.9.9.9"),
                Map.of("tcp/" + port, ""),
                Set.of(),
                false);
    }

    @Test
    void eachServiceOwnsTheAddressWithItsPorts() {
        driver.onObject(5, service("mq", 1, 1883));
        driver.onObject(6, service("web", 3, 80));

        assertThat(driver.spans(SHARED)).containsExactlyInAnyOrder("mq 1..", "web 3..");
        assertThat(driver.owners(SHARED))
                .allSatisfy(owner -> assertThat(owner.getIdentity().getPorts()).hasSize(1));
    }

    @Test
    void servicesOfOneExternalServerAreToldApartByTheirPorts() {
        driver.onObject(5, slice("postgres", 5432));
        driver.onObject(6, slice("redis", 6379));

        assertThat(driver.spans("10.9.9.9")).containsExactlyInAnyOrder("postgres 1..", "redis 1..");
        assertThat(driver.owners("10.9.9.9"))
                .extracting(owner -> owner.getIdentity().getPorts())
                .containsExactlyInAnyOrder(Map.of("tcp/5432", ""), Map.of("tcp/6379", ""));
    }

    /** Between the restart and the first list, no Service must seem to be the only owner. */
    @Test
    void restartRetainsPresentAndFormerOwners() {
        // Given
        driver.onObject(5, service("mq", 1, 1883));
        driver.onObject(6, service("web", 3, 80));
        driver.onObject(7, service("old", 4, 21));
        driver.onDeleted(20, "uid-old");
        List<String> before = driver.spans(SHARED);
        ModelDriver next = driver.restarted();

        // When
        next.onObject(30, service("web", 3, 80));

        // Then
        assertThat(next.spans(SHARED)).isEqualTo(before).contains("old 4..20", "mq 1..", "web 3..");

        // When
        next.onObject(31, service("mq", 1, 1883));
        next.onListed(32);

        // Then
        assertThat(next.spans(SHARED)).isEqualTo(before);
    }

    @Test
    void serviceThatWasDeletedBetweenRunsNoLongerSharesTheAddress() {
        // Given
        driver.onObject(5, service("mq", 1, 1883));
        driver.onObject(6, service("web", 3, 80));
        ModelDriver next = driver.restarted();

        // When
        next.onObject(30, service("web", 3, 80));
        next.onListed(31);

        // Then
        assertThat(next.spans(SHARED)).containsExactly("mq 1..6", "web 3..");
    }

    /** Changes of one Service's backend must not evict the present span of another one. */
    @Test
    void presentOwnerIsNeverEvictedByTheHistoryOfAnother() {
        // Given
        driver.onObject(1, service("stable", 1, 80));

        // When
        for (int i = 0; i < 100; i++) {
            driver.onObject(100 * i + 100, service("moving", 100 * i + 100, 1883));
            driver.onDeleted(100 * i + 150, "uid-moving");
        }

        // Then
        assertThat(driver.spans(SHARED)).hasSizeLessThan(66).endsWith("stable 1..");
        assertThat(driver.knownSince(SHARED)).isNotNull();
    }
}
