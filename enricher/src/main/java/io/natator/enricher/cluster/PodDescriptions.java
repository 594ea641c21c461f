package io.natator.enricher.cluster;

import io.natator.enricher.ownership.ClusterObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Reads labels and ports. Pods of one workload share one instance of equal labels and of equal ports, because a large
 * cluster has many pods and few workloads. Thread-safe.
 */
final class PodDescriptions {
    static final int MAX_LABELS = 32;
    /** Maximum size of the names and values of all labels of a pod, in bytes of UTF-8. */
    static final int MAX_LABEL_BYTES = 2048;

    static final int MAX_CONTAINER_PORTS = 64;
    static final int MAX_SERVICE_PORTS = 256;
    /** Maximum number of different sets of labels, and of ports, that are shared. */
    private static final int SHARED = 20_000;

    /** Labels that Kubernetes and Argo Rollouts generate. They differ from pod to pod, or from version to version. */
    private static final Set<String> GENERATED = Set.of(
            "pod-template-hash",
            "rollouts-pod-template-hash",
            "pod-template-generation",
            "controller-revision-hash",
            "controller-uid",
            "batch.kubernetes.io/controller-uid",
            "job-name",
            "batch.kubernetes.io/job-name",
            "batch.kubernetes.io/job-completion-index",
            "statefulset.kubernetes.io/pod-name",
            "apps.kubernetes.io/pod-index");

    private final WorkloadNaming naming;
    private final Consumer<WatchedKind> onExcess;
    private final Map<Map<String, String>, Map<String, String>> shared =
            Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Map<String, String>, Map<String, String>> eldest) {
                    return size() > SHARED;
                }
            });

    /** @param onExcess receives the kind of the object for every label, and for every list of ports, above the limit */
    PodDescriptions(WorkloadNaming naming, Consumer<WatchedKind> onExcess) {
        this.naming = naming;
        this.onExcess = onExcess;
    }

    ClusterObject.Description of(Map<?, ?> meta, Map<?, ?> spec) {
        List<Map<?, ?>> found = new ArrayList<>();
        for (String containers : List.of("initContainers", "containers")) {
            JsonFields.objects(spec, containers)
                    .forEach(container -> found.addAll(JsonFields.objects(container, "ports")));
        }
        return new ClusterObject.Description(
                naming.ofPod(meta), labels(meta), ports(WatchedKind.POD, found, "containerPort", MAX_CONTAINER_PORTS));
    }

    /**
     * Selects the labels that fit, in the order of their names. The labels by which workloads are named come first.
     */
    private Map<String, String> labels(Map<?, ?> meta) {
        Map<String, String> all = new HashMap<>();
        JsonFields.object(meta, "labels").forEach((name, value) -> {
            if (name instanceof String label && value instanceof String text && !GENERATED.contains(label)) {
                all.put(label, text);
            }
        });
        List<String> names = all.keySet().stream()
                .sorted(Comparator.comparing((String name) -> !naming.labels().contains(name))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        Map<String, String> selected = new HashMap<>();
        int bytes = 0;
        for (String name : names) {
            String value = all.getOrDefault(name, "");
            int size = size(name) + size(value);
            if (selected.size() < MAX_LABELS && bytes + size <= MAX_LABEL_BYTES) {
                selected.put(name.intern(), value.intern());
                bytes += size;
            } else {
                onExcess.accept(WatchedKind.POD);
            }
        }
        return shared.computeIfAbsent(Map.copyOf(selected), key -> key);
    }

    private static int size(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * Reads the names of ports, by port such as {@code tcp/80}. The lowest ports are selected. A port without a number is
     * ignored.
     *
     * @param kind the kind of the object that has the ports
     * @param field the name of the field that contains the number
     * @param limit maximum number of ports
     */
    Map<String, String> ports(WatchedKind kind, List<Map<?, ?>> objects, String field, int limit) {
        Map<Integer, Map<String, String>> byNumber = new TreeMap<>();
        for (Map<?, ?> port : objects) {
            int number = ServicePorts.number(port.get(field));
            if (number > 0) {
                byNumber.computeIfAbsent(number, key -> new TreeMap<>())
                        .putIfAbsent(
                                ServicePorts.key(port, number),
                                JsonFields.text(port, "name").intern());
            }
        }
        Map<String, String> selected = new HashMap<>();
        for (Map<String, String> ofNumber : byNumber.values()) {
            if (selected.size() + ofNumber.size() > limit) {
                onExcess.accept(kind);
                break;
            }
            selected.putAll(ofNumber);
        }
        return shared.computeIfAbsent(Map.copyOf(selected), key -> key);
    }
}
