package io.natator.enricher.cluster;

import io.natator.schemas.ObjectRef;
import java.util.List;
import java.util.Map;

/**
 * Names the workloads of objects that nothing controls. Objects that are made for one run (bare pods, Jobs, custom kinds
 * such as workflows) have names that are used once. Such an object is named by {@code metadata.generateName}, else by the
 * first of the given labels that it has, else by its own name. Immutable.
 *
 * @param labels names of labels, the first one first
 */
record WorkloadNaming(List<String> labels) {
    WorkloadNaming {
        labels = List.copyOf(labels);
    }

    /** The workload name of a pod that nothing controls. */
    String ofPod(Map<?, ?> meta) {
        return generatedOrLabelled(meta);
    }

    /** The workload of a controller that nothing controls. */
    ObjectRef ofController(ObjectRef ref, Map<?, ?> meta) {
        String name = switch (ref.getKind()) {
            // Such an object exists as long as its application, also if its name was generated.
            case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "CronJob", "ReplicationController" ->
                ref.getName();
            case "Job" -> generatedOrLabelled(meta);
            // The label of a custom kind does not say that there is more than one object.
            default -> orName(generateName(meta), meta);
        };
        return name.equals(ref.getName()) ? ref : new ObjectRef(ref.getKind(), ref.getNamespace(), name.intern());
    }

    private String generatedOrLabelled(Map<?, ?> meta) {
        String generated = generateName(meta);
        if (!generated.isEmpty()) {
            return generated.intern();
        }
        Map<?, ?> all = JsonFields.object(meta, "labels");
        for (String label : labels) {
            String value = JsonFields.text(all, label);
            if (!value.isEmpty()) {
                return value.intern();
            }
        }
        return JsonFields.text(meta, "name");
    }

    private static String orName(String name, Map<?, ?> meta) {
        return name.isEmpty() ? JsonFields.text(meta, "name") : name;
    }

    /** {@code metadata.generateName} without the dashes at its end; empty if the name was not generated. */
    private static String generateName(Map<?, ?> meta) {
        String prefix = JsonFields.text(meta, "generateName");
        int end = prefix.length();
        while (end > 0 && (prefix.charAt(end - 1) == '-' || prefix.charAt(end - 1) == '.')) {
            end--;
        }
        return prefix.substring(0, end);
    }
}
