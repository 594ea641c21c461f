package io.natator.bench.names;

import java.util.List;
import java.util.stream.Collectors;

/** Builds the JSON of the objects that the bench creates. */
final class Manifests {
    private static final String POD_SPEC = """
            {%s"tolerations": [{"operator": "Exists"}], "containers": [{"name": "main", "image": "registry.example/app:1",
             "env": [{"name": "MODE", "value": "production"}],
             "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
             "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
             "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080}}}]}""";

    private Manifests() {}

    /** The address families (IPv4, IPv6 or both) of a node's pods. */
    enum Families {
        V4,
        V6,
        BOTH;

        static Families of(int number) {
            return switch (number % 4) {
                case 0 -> V4;
                case 1 -> V6;
                default -> BOTH;
            };
        }

        private List<String> chosen(String v4, String v6) {
            return switch (this) {
                case V4 -> List.of(v4);
                case V6 -> List.of(v6);
                case BOTH -> List.of(v4, v6);
            };
        }

        /** The fields with which a Service requests cluster addresses of these families. */
        String ofService() {
            return switch (this) {
                case V4 -> "\"ipFamilyPolicy\": \"SingleStack\", \"ipFamilies\": [\"IPv4\"]";
                case V6 -> "\"ipFamilyPolicy\": \"SingleStack\", \"ipFamilies\": [\"IPv6\"]";
                case BOTH -> "\"ipFamilyPolicy\": \"RequireDualStack\", \"ipFamilies\": [\"IPv4\", \"IPv6\"]";
            };
        }
    }

    /** @param slot number that determines the node's addresses; a new node can get the number of a deleted one */
    static String node(String name, int slot) {
        Families families = Families.of(slot);
        String addresses = families
                .chosen("172.20.%d.%d".formatted(slot / 250, slot % 250 + 1), "fd00:20::%x".formatted(slot + 1))
                .stream()
                .map(address -> "{\"type\": \"InternalIP\", \"address\": \"" + address + "\"}")
                .collect(Collectors.joining(", "));
        String hostName = slot % 5 == 0 ? name + ".example" : name;
        List<String> ranges = families.chosen("10.244.%d.0/24".formatted(slot), "fd00:244:0:%x::/64".formatted(slot));
        return """
                {"metadata": {"name": "%s", "labels": {"kubernetes.io/hostname": "%1$s",
                  "topology.kubernetes.io/zone": "zone-%2$s", "topology.kubernetes.io/region": "region-1"}},
                 "spec": {"podCIDR": "%3$s", "podCIDRs": [%4$s]},
                 "status": {"addresses": [%5$s, {"type": "Hostname", "address": "%6$s"}],
                  "capacity": {"pods": "250", "cpu": "64", "memory": "256Gi"},
                  "allocatable": {"pods": "250", "cpu": "64", "memory": "256Gi"}}}
                """.formatted(
                        name,
                        "abc".charAt(slot % 3),
                        ranges.getFirst(),
                        ranges.stream().map(range -> '"' + range + '"').collect(Collectors.joining(", ")),
                        addresses,
                        hostName);
    }

    private static String template(String app, String spec) {
        return "{\"metadata\": {\"labels\": {\"app\": \"" + app + "\"}}, \"spec\": " + POD_SPEC.formatted(spec) + "}";
    }

    /**
     * Returns a pod as JSON.
     *
     * @param metadata fields of the metadata, each followed by a comma
     * @param spec further fields of the spec, each followed by a comma
     */
    static String pod(String metadata, String app, String spec) {
        return "{\"metadata\": {" + metadata + "\"labels\": {\"app\": \"" + app + "\"}}, \"spec\": "
                + POD_SPEC.formatted(spec) + "}";
    }

    static String named(String name) {
        return "\"name\": \"" + name + "\", ";
    }

    static String generated(String prefix) {
        return "\"generateName\": \"" + prefix + "\", ";
    }

    static String ownedBy(String apiVersion, String kind, String name, String uid) {
        return "\"ownerReferences\": [{\"apiVersion\": \"%s\", \"kind\": \"%s\", \"name\": \"%s\", \"uid\": \"%s\","
                        .formatted(apiVersion, kind, name, uid)
                + " \"controller\": true}], ";
    }

    /** Returns the copy of a static pod that its kubelet would create in the API. */
    static String staticPod(String name, String node, String nodeUid, String hash, boolean hostNetwork) {
        return pod(
                named(name) + ownedBy("v1", "Node", node, nodeUid)
                        + "\"annotations\": {\"kubernetes.io/config.hash\": \"" + hash
                        + "\", \"kubernetes.io/config.mirror\": \"" + hash
                        + "\", \"kubernetes.io/config.source\": \"file\"}, ",
                "static",
                "\"nodeName\": \"" + node + "\", \"hostNetwork\": " + hostNetwork + ", ");
    }

    static String replicated(String name, String metadata, int replicas) {
        return """
                {"metadata": {%s%s"labels": {"app": "%s"}}, "spec": {"replicas": %d,
                 "selector": {"matchLabels": {"app": "%3$s"}}, "template": %5$s}}
                """.formatted(named(name), metadata, name, replicas, template(name, ""));
    }

    static String replicationController(String name, int replicas) {
        return """
                {"metadata": {"name": "%s"}, "spec": {"replicas": %d, "selector": {"app": "%1$s"}, "template": %3$s}}
                """.formatted(name, replicas, template(name, ""));
    }

    static String statefulSet(String name, int replicas) {
        return """
                {"metadata": {"name": "%s"}, "spec": {"replicas": %d, "serviceName": "%1$s",
                 "podManagementPolicy": "Parallel", "selector": {"matchLabels": {"app": "%1$s"}}, "template": %3$s}}
                """.formatted(name, replicas, template(name, ""));
    }

    static String daemonSet(String name, boolean hostNetwork) {
        return """
                {"metadata": {"name": "%s"}, "spec": {"selector": {"matchLabels": {"app": "%1$s"}},
                 "updateStrategy": {"rollingUpdate": {"maxUnavailable": "20%%"}}, "template": %2$s}}
                """.formatted(name, template(name, "\"hostNetwork\": " + hostNetwork + ", "));
    }

    private static String jobSpec(int parallelism) {
        return "{\"parallelism\": %1$d, \"completions\": %1$d, \"ttlSecondsAfterFinished\": 20, \"template\": %2$s}"
                .formatted(parallelism, template("job", "\"restartPolicy\": \"Never\", "));
    }

    static String job(String name, int parallelism) {
        return "{\"metadata\": {\"name\": \"" + name + "\"}, \"spec\": " + jobSpec(parallelism) + "}";
    }

    static String cronJob(String name) {
        return """
                {"metadata": {"name": "%s"}, "spec": {"schedule": "* * * * *", "successfulJobsHistoryLimit": 1,
                 "jobTemplate": {"spec": %s}}}
                """.formatted(name, jobSpec(1));
    }

    static String custom(RecordedKind kind, String name) {
        return "{\"apiVersion\": \"%s\", \"kind\": \"%s\", \"metadata\": {\"name\": \"%s\"}}"
                .formatted(kind.apiVersion, kind.kind, name);
    }

    /** @param spec further fields of the spec, each followed by a comma */
    static String service(String name, String spec) {
        return "{\"metadata\": {\"name\": \"%s\"}, \"spec\": {%s\"ports\": [{\"port\": 80, \"targetPort\": 8080}]}}"
                .formatted(name, spec);
    }

    static String selecting(String app) {
        return "\"selector\": {\"app\": \"" + app + "\"}, ";
    }

    /** An EndpointSlice for a Service without a selector, as a person or another controller would create it. */
    static String endpointSlice(String service, String family, String addresses) {
        return """
                {"metadata": {"name": "%s-%s", "labels": {"kubernetes.io/service-name": "%1$s"}},
                 "addressType": "%3$s", "ports": [{"port": 8080}], "endpoints": [{"addresses": [%4$s]}]}
                """.formatted(service, family.toLowerCase(java.util.Locale.ROOT), family, addresses);
    }
}
