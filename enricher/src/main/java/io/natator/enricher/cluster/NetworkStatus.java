package io.natator.enricher.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Parses the annotation in which Multus and other meta plugins publish the network interfaces of a pod (Kubernetes
 * Network Custom Resource Definition De-facto Standard 1.3, section 4.1.2).
 */
final class NetworkStatus {
    static final String ANNOTATION = "k8s.v1.cni.cncf.io/network-status";

    private static final int MAX_LENGTH = 65_536;
    /** Maximum number of addresses of one pod; further addresses are ignored. */
    static final int MAX_ADDRESSES = 32;

    private static final JsonMapper JSON = JsonMapper.shared();

    private NetworkStatus() {}

    /**
     * The addresses of all interfaces but the default one, whose addresses are those in the pod's status.
     *
     * @throws IllegalArgumentException if the annotation is no JSON list, or is too long
     */
    static List<String> addresses(String annotation) {
        if (annotation.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("longer than " + MAX_LENGTH + " characters");
        }
        Object parsed;
        try {
            parsed = JSON.readValue(annotation, Object.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(e);
        }
        if (!(parsed instanceof List<?> interfaces)) {
            throw new IllegalArgumentException("no list");
        }
        List<String> found = new ArrayList<>();
        for (Object each : interfaces) {
            if (each instanceof Map<?, ?> network && !JsonFields.flag(network, "default")) {
                found.addAll(JsonFields.texts(network, "ips"));
            }
        }
        return found.stream().distinct().limit(MAX_ADDRESSES).toList();
    }
}
