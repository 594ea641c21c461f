package io.natator.bench.names;

import io.natator.schemas.IpAddresses;
import java.net.InetAddress;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The fields of an object from which the bench derives names. It is written independently of the enricher's own parser.
 *
 * @param addresses the object's own addresses now; empty for a pod that has finished or that uses its node's addresses
 * @param controller the object's controller; null if it has none
 * @param nodePorts the node ports of a Service, as {@code protocol/port}; empty for other objects
 */
record RecordedFields(
        Set<String> addresses,
        Lifetime lifetime,
        RecordedObject.@Nullable Reference controller,
        Pod pod,
        Location location,
        Slice slice,
        Set<String> nodePorts) {
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String REGION = "topology.kubernetes.io/region";
    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final String CONFIG_HASH = "kubernetes.io/config.hash";

    /**
     * What the API says about the period in which the object has its addresses.
     *
     * @param running the time since which the object has its addresses, cut to the second; null if unknown
     * @param ending the time until which it had its addresses at least; null while it is neither deleted nor finished
     */
    record Lifetime(@Nullable Instant running, @Nullable Instant ending) {}

    /**
     * Fields of a pod; empty for other objects.
     *
     * @param configHash the annotation {@code kubernetes.io/config.hash} of a static pod's copy in the API; empty for
     *     other pods
     */
    record Pod(String node, boolean hostNetwork, String configHash) {}

    /** Labels of a node; empty for other objects. */
    record Location(String zone, String region) {}

    /**
     * Fields of an EndpointSlice; empty for other objects.
     *
     * @param service name of the slice's Service
     * @param pods UIDs of the pods to which endpoints refer
     * @param otherEndpoints true if some endpoints are no pods
     */
    record Slice(String service, Set<String> pods, boolean otherEndpoints) {}

    static RecordedFields of(RecordedKind kind, JsonNode object) {
        JsonNode metadata = object.path("metadata");
        JsonNode spec = object.path("spec");
        JsonNode labels = metadata.path("labels");
        boolean hostNetwork = spec.path("hostNetwork").asBoolean(false);
        boolean finished = isFinished(object);
        Set<String> pods = new LinkedHashSet<>();
        boolean otherEndpoints = false;
        for (JsonNode endpoint : object.path("endpoints")) {
            JsonNode target = endpoint.path("targetRef");
            if (target.path("kind").asString("").equals("Pod")) {
                pods.add(target.path("uid").asString());
            } else {
                otherEndpoints = true;
            }
        }
        return new RecordedFields(
                finished || (kind == RecordedKind.POD && hostNetwork) ? Set.of() : addresses(kind, object),
                new Lifetime(running(kind, object), ending(kind, object, finished)),
                controller(metadata),
                new Pod(
                        kind == RecordedKind.POD ? spec.path("nodeName").asString("") : "",
                        hostNetwork,
                        metadata.path("annotations").path(CONFIG_HASH).asString("")),
                new Location(labels.path(ZONE).asString(""), labels.path(REGION).asString("")),
                new Slice(labels.path(SERVICE_NAME).asString(""), Set.copyOf(pods), otherEndpoints),
                nodePorts(spec));
    }

    private static boolean isFinished(JsonNode object) {
        String phase = object.path("status").path("phase").asString("");
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    private static Set<String> addresses(RecordedKind kind, JsonNode object) {
        Set<String> found = new LinkedHashSet<>();
        Consumer<JsonNode> add = text -> {
            if (!text.asString("").isEmpty() && !text.asString("").equals("None")) {
                found.add(canonical(text.asString()));
            }
        };
        JsonNode spec = object.path("spec");
        JsonNode status = object.path("status");
        switch (kind) {
            case POD -> status.path("podIPs").forEach(entry -> add.accept(entry.path("ip")));
            case NODE ->
                status.path("addresses").forEach(entry -> {
                    if (entry.path("type").asString("").endsWith("IP")) {
                        add.accept(entry.path("address"));
                    }
                });
            case SERVICE -> {
                spec.path("clusterIPs").forEach(add);
                spec.path("externalIPs").forEach(add);
                status.path("loadBalancer").path("ingress").forEach(entry -> add.accept(entry.path("ip")));
            }
            case ENDPOINT_SLICE ->
                object.path("endpoints").forEach(endpoint -> {
                    if (endpoint.path("targetRef").isMissingNode()
                            && !object.path("addressType").asString("").equals("FQDN")) {
                        endpoint.path("addresses").forEach(add);
                    }
                });
            default -> {
                // an object of this kind has no addresses
            }
        }
        return Set.copyOf(found);
    }

    private static String canonical(String text) {
        return IpAddresses.format(InetAddress.ofLiteral(text).getAddress());
    }

    private static @Nullable Instant running(RecordedKind kind, JsonNode object) {
        if (kind != RecordedKind.POD) {
            return time(object.path("metadata").path("creationTimestamp"));
        }
        @Nullable Instant latest = time(object.path("status").path("startTime"));
        for (JsonNode container : object.path("status").path("containerStatuses")) {
            Instant started = time(container.path("state").path("running").path("startedAt"));
            latest = latest == null || (started != null && started.isAfter(latest)) ? started : latest;
        }
        return latest;
    }

    private static @Nullable Instant ending(RecordedKind kind, JsonNode object, boolean finished) {
        if (kind != RecordedKind.POD) {
            return null; // other objects are deleted at once; the thread that deletes an object reports the time
        }
        JsonNode metadata = object.path("metadata");
        @Nullable Instant deleted = time(metadata.path("deletionTimestamp"));
        // deletionTimestamp is the end of the grace period. The deletion was requested one grace period earlier.
        @Nullable
        Instant requested = deleted == null
                ? null
                : deleted.minusSeconds(
                        metadata.path("deletionGracePeriodSeconds").asLong(0));
        if (!finished) {
            return requested;
        }
        @Nullable Instant end = requested;
        for (JsonNode container : object.path("status").path("containerStatuses")) {
            Instant ended = time(container.path("state").path("terminated").path("finishedAt"));
            end = end == null || (ended != null && ended.isBefore(end)) ? ended : end;
        }
        return end == null ? Instant.MIN : end;
    }

    private static RecordedObject.@Nullable Reference controller(JsonNode metadata) {
        for (JsonNode owner : metadata.path("ownerReferences")) {
            if (owner.path("controller").asBoolean(false)) {
                return new RecordedObject.Reference(
                        owner.path("apiVersion").asString(),
                        owner.path("kind").asString(),
                        owner.path("name").asString(),
                        owner.path("uid").asString());
            }
        }
        return null;
    }

    private static Set<String> nodePorts(JsonNode spec) {
        Set<String> found = new LinkedHashSet<>();
        for (JsonNode port : spec.path("ports")) {
            if (port.path("nodePort").asInt(0) > 0) {
                found.add(port.path("protocol").asString("TCP").toLowerCase(java.util.Locale.ROOT) + "/"
                        + port.path("nodePort").asInt());
            }
        }
        return Set.copyOf(found);
    }

    private static @Nullable Instant time(JsonNode text) {
        return text.asString("").isEmpty()
                ? null
                : OffsetDateTime.parse(text.asString()).toInstant();
    }
}
