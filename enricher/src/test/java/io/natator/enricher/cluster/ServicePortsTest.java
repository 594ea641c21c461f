package io.natator.enricher.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServicePortsTest {
    private static final Map<String, String> SELECTOR = Map.of("app", "cart");

    private static Map<String, Object> spec(Map<String, String> selector, Map<?, ?>... ports) {
        return Map.of("selector", selector, "ports", List.of(ports));
    }

    @Test
    void targetPortsAreThoseThatDifferFromTheDialledPort() {
        Map<String, Object> spec = spec(
                SELECTOR,
                Map.of("port", 80, "targetPort", 8080, "nodePort", 30_080),
                Map.of("port", 8443, "protocol", "TCP", "targetPort", 8443),
                Map.of("port", 53, "protocol", "UDP", "targetPort", "dns"),
                Map.of("port", 9090, "nodePort", 30_090));

        assertThat(ServicePorts.targetPorts(spec))
                .isEqualTo(Map.of("tcp/80", "8080", "tcp/30080", "8080", "udp/53", "dns", "tcp/30090", "9090"));
        assertThat(ServicePorts.nodePorts(spec)).containsExactlyInAnyOrder("tcp/30080", "tcp/30090");
    }

    @Test
    void endpointsOfAServiceWithoutASelectorHaveAnyPort() {
        assertThat(ServicePorts.targetPorts(spec(Map.of(), Map.of("port", 80, "targetPort", 8080))))
                .isEmpty();
    }

    @Test
    void malformedPortsAreIgnored() {
        Map<String, Object> spec = spec(
                SELECTOR,
                Map.of("port", 80, "targetPort", 70_000),
                Map.of("port", "http", "targetPort", 8080),
                Map.of("port", 0, "targetPort", 8080, "nodePort", -1),
                Map.of("port", 81, "targetPort", List.of()));

        assertThat(ServicePorts.targetPorts(spec)).isEmpty();
        assertThat(ServicePorts.nodePorts(spec)).isEmpty();
        assertThat(ServicePorts.targetPorts(Map.of())).isEmpty();
    }

    @Test
    void atMost256PortsAreRead() {
        List<Map<String, Integer>> ports = Collections.nCopies(100_000, Map.of("port", 80, "targetPort", 8080));

        assertThat(ServicePorts.targetPorts(Map.of("selector", SELECTOR, "ports", ports)))
                .hasSize(1);
    }
}
