package io.natator.enricher.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.enricher.ownership.ClusterObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodDescriptionsTest {
    private final List<WatchedKind> excess = new ArrayList<>();
    private final PodDescriptions descriptions =
            new PodDescriptions(new WorkloadNaming(List.of("zz-team")), excess::add);

    private ClusterObject.Description of(Map<String, String> labels, Map<?, ?> spec) {
        return descriptions.of(Map.of("name", "web", "labels", labels), spec);
    }

    private static Map<String, String> labels(int count, String value) {
        Map<String, String> labels = new HashMap<>();
        for (int i = 0; i < count; i++) {
            labels.put("label-%03d".formatted(i), value);
        }
        return labels;
    }

    @Test
    void excludesGeneratedLabels() {
        Map<String, String> labels = new HashMap<>(Map.of("app", "web", "pod-template-hash", "5d4f8c"));
        labels.put("controller-revision-hash", "a1");
        labels.put("pod-template-generation", "3");
        labels.put("statefulset.kubernetes.io/pod-name", "web-0");
        labels.put("apps.kubernetes.io/pod-index", "0");
        labels.put("batch.kubernetes.io/controller-uid", "u");
        labels.put("batch.kubernetes.io/job-name", "report-x7k2p");
        labels.put("job-name", "report-x7k2p");

        assertThat(of(labels, Map.of()).labels()).isEqualTo(Map.of("app", "web"));
        assertThat(excess).isEmpty();
    }

    @Test
    void retainsTheFirst32LabelsByNameAndThoseThatNameWorkloads() {
        Map<String, String> labels = labels(40, "v");
        labels.put("zz-team", "a");

        Map<String, String> selected = of(labels, Map.of()).labels();

        assertThat(selected).hasSize(32).containsKeys("zz-team", "label-000", "label-030");
        assertThat(excess).hasSize(9).containsOnly(WatchedKind.POD);
    }

    @Test
    void retainsAtMost2KibOfLabels() {
        Map<String, String> selected = of(labels(31, "x".repeat(63)), Map.of()).labels();

        int bytes = selected.entrySet().stream()
                .mapToInt(label -> label.getKey().length() + label.getValue().length())
                .sum();
        assertThat(bytes).isBetween(2048 - 72, 2048);
        assertThat(selected).containsKey("label-000").doesNotContainKey("label-030");
    }

    @Test
    void podsWithEqualLabelsAndPortsShareThem() {
        Map<String, Object> spec = Map.of("containers", List.of(Map.of("ports", List.of(Map.of("containerPort", 80)))));

        ClusterObject.Description one = of(Map.of("app", "web", "pod-template-hash", "1"), spec);
        ClusterObject.Description other = of(Map.of("app", "web", "pod-template-hash", "2"), spec);

        assertThat(one.labels()).isSameAs(other.labels());
        assertThat(one.ports()).isSameAs(other.ports());
    }

    @Test
    void malformedPortsAreIgnored() {
        List<Object> ports = List.of(
                Map.of("containerPort", 8080, "name", "http"),
                Map.of("containerPort", 53, "protocol", "UDP"),
                Map.of("containerPort", 53, "protocol", "SCTP"),
                Map.of("containerPort", 8080, "name", "http"),
                Map.of("containerPort", 70_000),
                Map.of("containerPort", "81"),
                Map.of(),
                "x");

        assertThat(of(Map.of(), Map.of("containers", List.of(Map.of("ports", ports))))
                        .ports())
                .isEqualTo(Map.of("sctp/53", "", "udp/53", "", "tcp/8080", "http"));
    }

    @Test
    void retainsAtMost64PortsOfAPod() {
        List<Map<String, Integer>> ports = new ArrayList<>();
        for (int port = 100; port > 0; port--) {
            ports.add(Map.of("containerPort", port));
        }

        assertThat(of(Map.of(), Map.of("containers", List.of(Map.of("ports", ports))))
                        .ports())
                .hasSize(64)
                .containsKey("tcp/64");
        assertThat(excess).containsExactly(WatchedKind.POD);
    }
}
