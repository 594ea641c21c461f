package io.natator.helm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Runs the pod of a rendered workload as one container. Image, user, capabilities, read-only root, environment,
 * arguments and mounts are those of the rendered pod.
 */
final class PodContainer {
    private final Rendered rendered;
    private final JsonNode pod;
    private final JsonNode container;

    PodContainer(Rendered rendered, String component) {
        this.rendered = rendered;
        JsonNode workload = rendered.workload(component);
        pod = Rendered.podSpec(workload);
        container = Rendered.container(workload);
    }

    /**
     * The arguments of {@code docker run}.
     *
     * @param fields values for references to the downward API, by the path of the field
     * @param hostPaths folders of this machine that replace folders of the node
     * @param extra further arguments of {@code docker run}
     */
    List<String> arguments(Map<String, String> fields, Map<String, String> hostPaths, List<String> extra) {
        List<String> arguments = new ArrayList<>(List.of("run", "--detach"));
        arguments.addAll(security());
        environment(fields).forEach((name, value) -> arguments.addAll(List.of("--env", name + "=" + value)));
        container.path("volumeMounts").forEach(mount -> arguments.addAll(mount(mount, hostPaths)));
        if (pod.path("hostPID").asBoolean(false)) {
            arguments.add("--pid=host");
        }
        String memory =
                container.path("resources").path("limits").path("memory").asString();
        arguments.add("--memory=" + memory.replace("Mi", "m").replace("Gi", "g"));
        arguments.addAll(extra);
        arguments.add(container.path("image").asString());
        Map<String, String> known = environment(fields);
        container.path("args").forEach(argument -> arguments.add(expanded(argument.asString(), known)));
        return arguments;
    }

    private int user() {
        JsonNode own = container.path("securityContext").path("runAsUser");
        return own.isMissingNode()
                ? pod.path("securityContext").path("runAsUser").asInt()
                : own.asInt();
    }

    private List<String> security() {
        JsonNode own = container.path("securityContext");
        List<String> arguments = new ArrayList<>(List.of("--user=" + user() + ":" + user()));
        if (own.path("readOnlyRootFilesystem").asBoolean(false)) {
            arguments.add("--read-only");
        }
        if (!own.path("allowPrivilegeEscalation").asBoolean(true)) {
            arguments.add("--security-opt=no-new-privileges");
        }
        own.path("capabilities").path("drop").forEach(name -> arguments.add("--cap-drop=" + name.asString()));
        String added = own.path("capabilities")
                .path("add")
                .valueStream()
                .map(JsonNode::asString)
                .collect(Collectors.joining(","));
        if (!added.isEmpty()) {
            // This runtime grants the capabilities BPF and PERFMON, see deploy/images/runtime.
            arguments.addAll(List.of("--runtime=natator", "--env", "NATATOR_TEST_CAPABILITIES=" + added));
        }
        return arguments;
    }

    private Map<String, String> environment(Map<String, String> fields) {
        Map<String, String> environment = new java.util.TreeMap<>();
        for (JsonNode from : container.path("envFrom")) {
            environment.putAll(Rendered.strings(rendered.object(
                            "ConfigMap", from.path("configMapRef").path("name").asString())
                    .path("data")));
        }
        for (JsonNode variable : container.path("env")) {
            String field = variable.path("valueFrom")
                    .path("fieldRef")
                    .path("fieldPath")
                    .asString("");
            String value = field.isEmpty() ? variable.path("value").asString("") : fields.getOrDefault(field, "");
            environment.put(variable.path("name").asString(), expanded(value, environment));
        }
        return environment;
    }

    private static String expanded(String text, Map<String, String> variables) {
        String expanded = text;
        for (var variable : variables.entrySet()) {
            expanded = expanded.replace("$(" + variable.getKey() + ")", variable.getValue());
        }
        return expanded;
    }

    private List<String> mount(JsonNode mount, Map<String, String> hostPaths) {
        String name = mount.path("name").asString();
        String place = mount.path("mountPath").asString();
        var hostPath = pod.path("volumes")
                .valueStream()
                .filter(volume -> volume.path("name").asString().equals(name) && volume.has("hostPath"))
                .map(volume -> volume.path("hostPath").path("path").asString())
                .findFirst();
        if (hostPath.isPresent()) {
            String readOnly = mount.path("readOnly").asBoolean(false) ? ":ro" : "";
            return List.of("--volume=" + hostPaths.get(hostPath.get()) + ":" + place + readOnly);
        }
        // As in Kubernetes, the root of an emptyDir or a claim belongs to user 0 and to the pod's group (fsGroup).
        return List.of("--tmpfs=%s:exec,mode=2775,uid=0,gid=%d".formatted(place, user()));
    }
}
