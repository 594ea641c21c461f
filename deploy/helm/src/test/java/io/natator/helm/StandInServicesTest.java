package io.natator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.natator.topology.export.TopologyMeters;
import io.natator.topology.state.TopologyStatistics;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What stands in has the names and types of what it stands for, as far as those can be had without running it. */
class StandInServicesTest {
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");

    @Test
    void hasTheMetersOfTheTopology() {
        // Given
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new TopologyMeters(new TopologyStatistics(), () -> null).bindTo(registry);

        // When
        Map<String, String> standIn = types(StandInServices.exposition(1));

        // Then
        Map<String, String> real = types(registry.scrape());
        standIn.keySet().removeIf(name -> !name.startsWith("natator_topology_") || name.contains("_attributed_"));
        assertThat(standIn).isEqualTo(real);
    }

    private static Map<String, String> types(String exposition) {
        Map<String, String> types = new TreeMap<>();
        TYPE.matcher(exposition).results().forEach(match -> types.put(match.group(1), match.group(2)));
        return types;
    }
}
