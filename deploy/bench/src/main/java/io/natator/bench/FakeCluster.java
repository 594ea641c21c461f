package io.natator.bench;

import static java.util.Locale.ROOT;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A generated cluster as JSON. Each object is computed from its number, so a cluster of any size needs no memory. Each
 * group of ten pods has a ReplicaSet, a Deployment, a Service and an EndpointSlice.
 *
 * @param nodes number of nodes
 * @param pods number of pods, at most 2^24
 */
record FakeCluster(int nodes, int pods) {
    private static final int PODS_PER_WORKLOAD = 10;
    private static final AtomicLong VERSIONS = new AtomicLong();
    private static final String STARTED = "2026-01-01T00:00:00Z";

    /** Fields of a typical pod that the enricher ignores, about 2 KiB. */
    private static final String FILLER =
            "\"containers\":[{\"name\":\"app\",\"image\":\"registry.example.org/shop/app:1.2.3\","
                    + "\"env\":[" + "{\"name\":\"SOME_SETTING\",\"value\":\"some value or other\"},".repeat(30)
                    + "{\"name\":\"LAST\",\"value\":\"1\"}],\"resources\":{\"limits\":{\"memory\":\"256Mi\"}}}],"
                    + "\"serviceAccountName\":\"default\",\"restartPolicy\":\"Always\"";

    /** A kind of object that the enricher lists. */
    enum Kind {
        NODES("Node", "v1"),
        PODS("Pod", "v1"),
        SERVICES("Service", "v1"),
        ENDPOINTSLICES("EndpointSlice", "discovery.k8s.io/v1"),
        REPLICASETS(Kind.METADATA, "meta.k8s.io/v1"),
        DEPLOYMENTS(Kind.METADATA, "meta.k8s.io/v1"),
        /** The kinds of which this cluster has no objects and of which the enricher requests the metadata only. */
        OTHERS(Kind.METADATA, "meta.k8s.io/v1"),
        /** A kind of which this cluster has no objects and of which the enricher requests whole objects. */
        REPLICATIONCONTROLLERS("ReplicationController", "v1");

        private static final String METADATA = "PartialObjectMetadata";

        final String object;
        final String list;
        final String apiVersion;

        Kind(String object, String apiVersion) {
            this.object = object;
            this.list = object + "List";
            this.apiVersion = apiVersion;
        }

        boolean isMetadata() {
            return object.equals(METADATA);
        }

        /** @param metadata true if the client requests metadata only */
        static Kind of(String plural, boolean metadata) {
            for (Kind kind : values()) {
                if (kind.name().toLowerCase(ROOT).equals(plural) && (kind != REPLICATIONCONTROLLERS || !metadata)) {
                    return kind;
                }
            }
            return OTHERS;
        }
    }

    int count(Kind kind) {
        return switch (kind) {
            case NODES -> nodes;
            case PODS -> pods;
            case SERVICES, ENDPOINTSLICES, REPLICASETS, DEPLOYMENTS -> Math.ceilDiv(pods, PODS_PER_WORKLOAD);
            case OTHERS, REPLICATIONCONTROLLERS -> 0;
        };
    }

    String object(Kind kind, int number) {
        return switch (kind) {
            case NODES -> node(number);
            case PODS -> pod(number, 0, "Running");
            case SERVICES -> service(number);
            case ENDPOINTSLICES -> slice(number);
            case REPLICASETS -> metadata(kind, number, "rs-" + number, Kind.DEPLOYMENTS, "Deployment", "web-" + number);
            case DEPLOYMENTS -> metadata(kind, number, "web-" + number, null, "", "");
            case OTHERS, REPLICATIONCONTROLLERS -> throw new IllegalArgumentException("there are none of them");
        };
    }

    private static String uid(Kind kind, int number, int generation) {
        return "%08x-%04x-4000-8000-%012x".formatted(kind.name().hashCode(), generation, number);
    }

    private static String address(int network, int number) {
        return network + "." + (number >> 16) + "." + (number >> 8 & 0xff) + "." + (number & 0xff);
    }

    private static String meta(Kind kind, int number, int generation, String name, String more) {
        return "\"metadata\":{\"name\":\"" + name + "\"" + (kind == Kind.NODES ? "" : ",\"namespace\":\"shop\"")
                + ",\"uid\":\"" + uid(kind, number, generation) + "\",\"resourceVersion\":\""
                + VERSIONS.incrementAndGet()
                + "\",\"creationTimestamp\":\"" + STARTED + "\"" + more + "}";
    }

    private static String owner(Kind kind, int number, String kindName, String name) {
        return ",\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"" + kindName + "\",\"name\":\"" + name
                + "\",\"uid\":\"" + uid(kind, number, 0) + "\",\"controller\":true}]";
    }

    private static String metadata(
            Kind kind,
            int number,
            String name,
            @org.jspecify.annotations.Nullable Kind above,
            String kindName,
            String ownerName) {
        return "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\","
                + meta(kind, number, 0, name, above == null ? "" : owner(above, number, kindName, ownerName)) + "}";
    }

    private String node(int number) {
        return "{\"kind\":\"Node\",\"apiVersion\":\"v1\","
                + meta(
                        Kind.NODES,
                        number,
                        0,
                        "node-" + number,
                        ",\"labels\":{\"topology.kubernetes.io/zone\":\"zone-" + number % 3
                                + "\",\"topology.kubernetes.io/region\":\"region-1\"}")
                + ",\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"" + address(172, number + 1)
                + "\"},{\"type\":\"Hostname\",\"address\":\"node-" + number + "\"}]}}";
    }

    private String service(int number) {
        String address = address(11, number + 1);
        return "{\"kind\":\"Service\",\"apiVersion\":\"v1\"," + meta(Kind.SERVICES, number, 0, "web-" + number, "")
                + ",\"spec\":{\"clusterIP\":\"" + address + "\",\"clusterIPs\":[\"" + address
                + "\"],\"ports\":[{\"port\":80}]}}";
    }

    private String slice(int number) {
        var endpoints = new StringBuilder();
        int first = number * PODS_PER_WORKLOAD;
        for (int pod = first; pod < Math.min(pods, first + PODS_PER_WORKLOAD); pod++) {
            endpoints
                    .append(pod == first ? "" : ",")
                    .append("{\"addresses\":[\"" + address(10, pod + 1)
                            + "\"],\"targetRef\":{\"kind\":\"Pod\",\"uid\":\"" + uid(Kind.PODS, pod, 0) + "\"}}");
        }
        return "{\"kind\":\"EndpointSlice\",\"apiVersion\":\"discovery.k8s.io/v1\","
                + meta(
                        Kind.ENDPOINTSLICES,
                        number,
                        0,
                        "web-" + number,
                        ",\"labels\":{\"kubernetes.io/service-name\":\"web-" + number + "\"}")
                + ",\"addressType\":\"IPv4\",\"endpoints\":[" + endpoints + "]}";
    }

    /**
     * Returns a pod as JSON.
     *
     * @param number determines the pod's address, workload and node
     * @param generation number of earlier pods with the same number, at most 65,535
     * @param phase phase of the pod; a pod in phase Pending has no address
     */
    String pod(int number, int generation, String phase) {
        String address = address(10, number + 1);
        boolean running = !phase.equals("Pending");
        return "{\"kind\":\"Pod\",\"apiVersion\":\"v1\","
                + meta(
                        Kind.PODS,
                        number,
                        generation,
                        "web-" + number + "-" + generation,
                        owner(
                                Kind.REPLICASETS,
                                number / PODS_PER_WORKLOAD,
                                "ReplicaSet",
                                "rs-" + number / PODS_PER_WORKLOAD))
                + ",\"spec\":{\"nodeName\":\"node-" + number % nodes + "\"," + FILLER + "},\"status\":{\"phase\":\""
                + phase
                + "\",\"startTime\":\"" + STARTED + "\""
                + (running
                        ? ",\"podIP\":\"" + address + "\",\"podIPs\":[{\"ip\":\"" + address
                                + "\"}],\"containerStatuses\":[{\"name\":\"app\",\"state\":{\"running\":{\"startedAt\":\""
                                + STARTED
                                + "\"}}}]"
                        : "")
                + "}}";
    }
}
