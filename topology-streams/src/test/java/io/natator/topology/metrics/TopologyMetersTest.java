package io.natator.topology.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.natator.topology.statistics.TopologyStatistics;
import java.lang.ref.WeakReference;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class TopologyMetersTest {
    @Test
    void gaugesExistAsLongAsTheirRegistry() {
        // Given
        var registry = new SimpleMeterRegistry();
        new TopologyMeters(new TopologyStatistics(), () -> null).bindTo(registry);

        // When
        collectGarbage();

        // Then
        assertThat(registry.getMeters())
                .filteredOn(Gauge.class::isInstance)
                .isNotEmpty()
                .allSatisfy(gauge -> assertThat(((Gauge) gauge).value()).isZero());
    }

    private static void collectGarbage() {
        var witness = new WeakReference<>(new Object());
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            System.gc();
            return witness.get() == null;
        });
    }
}
