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

/** What the recorder keeps of an object. Written without a look at how the enricher reads one. */
final class JsonFields {
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String REGION = "topology.kubernetes.io/region";
    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final String CONFIG_HASH = "kubernetes.io/config.hash";

    private JsonFields() {}

    /**
     * The fields that names are made of.
     *
     * @param addresses that are the object's own now; none of a pod that has finished or uses its node's
     * @param running since when its addresses are its own, cut to the second; null where that is not said
     * @param ending it had its addresses until then, at least; null while it is neither deleted nor finished
     * @param node of a pod
     * @param zone of a node
     * @param service of an EndpointSlice
     * @param pods of an EndpointSlice, by UID
     * @param otherEndpoints an EndpointSlice has endpoints that are no pods
     * @param nodePorts of a Service, as protocol/port
     * @param configHash of a static pod's mirror
     */
    record Essence(
            Set<String> addresses,
            @Nullable Instant running,
            @Nullable Instant ending,
            Seen.@Nullable Reference controller,
            String node,
            boolean hostNetwork,
            String zone,
            String region,
            String service,
            Set<String> pods,
            boolean otherEndpoints,
            Set<String> nodePorts,
            String configHash) {}

    static Essence of(WatchedKind kind, JsonNode object) {
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
        return new Essence(
                finished || (kind == WatchedKind.POD && hostNetwork) ? Set.of() : addresses(kind, object),
                running(kind, object),
                ending(kind, object, finished),
                controller(metadata),
                kind == WatchedKind.POD ? spec.path("nodeName").asString("") : "",
                hostNetwork,
                labels.path(ZONE).asString(""),
                labels.path(REGION).asString(""),
                labels.path(SERVICE_NAME).asString(""),
                Set.copyOf(pods),
                otherEndpoints,
                nodePorts(spec),
                metadata.path("annotations").path(CONFIG_HASH).asString(""));
    }

    private static boolean isFinished(JsonNode object) {
        String phase = object.path("status").path("phase").asString("");
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    private static Set<String> addresses(WatchedKind kind, JsonNode object) {
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
                // has none
            }
        }
        return Set.copyOf(found);
    }

    private static String canonical(String text) {
        return IpAddresses.format(InetAddress.ofLiteral(text).getAddress());
    }

    private static @Nullable Instant running(WatchedKind kind, JsonNode object) {
        if (kind != WatchedKind.POD) {
            return time(object.path("metadata").path("creationTimestamp"));
        }
        @Nullable Instant latest = time(object.path("status").path("startTime"));
        for (JsonNode container : object.path("status").path("containerStatuses")) {
            Instant started = time(container.path("state").path("running").path("startedAt"));
            latest = latest == null || (started != null && started.isAfter(latest)) ? started : latest;
        }
        return latest;
    }

    private static @Nullable Instant ending(WatchedKind kind, JsonNode object, boolean finished) {
        if (kind != WatchedKind.POD) {
            return null; // it goes at once; whoever deletes it knows when
        }
        JsonNode metadata = object.path("metadata");
        @Nullable Instant deleted = time(metadata.path("deletionTimestamp"));
        // The time by which it is to be gone: it was asked for that long before.
        @Nullable
        Instant asked = deleted == null
                ? null
                : deleted.minusSeconds(
                        metadata.path("deletionGracePeriodSeconds").asLong(0));
        if (!finished) {
            return asked;
        }
        @Nullable Instant end = asked;
        for (JsonNode container : object.path("status").path("containerStatuses")) {
            Instant ended = time(container.path("state").path("terminated").path("finishedAt"));
            end = end == null || (ended != null && ended.isBefore(end)) ? ended : end;
        }
        return end == null ? Instant.MIN : end;
    }

    private static Seen.@Nullable Reference controller(JsonNode metadata) {
        for (JsonNode owner : metadata.path("ownerReferences")) {
            if (owner.path("controller").asBoolean(false)) {
                return new Seen.Reference(
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
