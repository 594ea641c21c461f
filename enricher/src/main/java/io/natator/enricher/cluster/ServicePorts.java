package io.natator.enricher.cluster;

import io.natator.schemas.IdentityKeys;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads ports of objects, and the node ports and target ports of a Service from its {@code spec}. Pure. */
final class ServicePorts {
    private static final int LARGEST_PORT = 65_535;

    private ServicePorts() {}

    /** The ports that every node opens for the Service, such as {@code tcp/30080}. */
    static Set<String> nodePorts(Map<?, ?> spec) {
        Set<String> ports = new HashSet<>();
        for (Map<?, ?> port : JsonFields.objects(spec, "ports")) {
            int nodePort = number(port.get("nodePort"));
            if (nodePort > 0) {
                ports.add(key(port, nodePort));
            }
        }
        return Set.copyOf(ports);
    }

    /**
     * The ports of the pods behind the Service, by the port or node port that a client dials. A target is a number, or the
     * name of a port of the pod. A port that is the same at the pods is not contained. Empty for a Service without a
     * selector, because somebody else decides which ports its endpoints have.
     */
    static Map<String, String> targetPorts(Map<?, ?> spec) {
        if (JsonFields.object(spec, "selector").isEmpty()) {
            return Map.of();
        }
        Map<String, String> targets = new HashMap<>();
        List<Map<?, ?>> ports = JsonFields.objects(spec, "ports");
        for (Map<?, ?> port : ports.subList(0, Math.min(ports.size(), PodDescriptions.MAX_SERVICE_PORTS))) {
            String target = target(port);
            for (int dialled : List.of(number(port.get("port")), number(port.get("nodePort")))) {
                if (dialled > 0 && !target.isEmpty() && !target.equals(Integer.toString(dialled))) {
                    targets.put(key(port, dialled), target.intern());
                }
            }
        }
        return Map.copyOf(targets);
    }

    /** The port of the pods: a number, or a name; empty if there is none. */
    private static String target(Map<?, ?> port) {
        if (port.get("targetPort") instanceof String name) {
            return name;
        }
        int target = number(port.get(port.containsKey("targetPort") ? "targetPort" : "port"));
        return target > 0 ? Integer.toString(target) : "";
    }

    /** A port number; 0 if the value is none. */
    static int number(@Nullable Object value) {
        return value instanceof Integer number && number > 0 && number <= LARGEST_PORT ? number : 0;
    }

    /** A port with its protocol, such as {@code tcp/80}. The API's default is TCP. */
    static String key(Map<?, ?> port, int number) {
        String protocol = JsonFields.text(port, "protocol");
        return IdentityKeys.nodePort(protocol.isEmpty() ? "TCP" : protocol, number)
                .intern();
    }
}
