package io.natator.enricher.cluster;

import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.OwnerReference;
import io.natator.enricher.ownership.PodLifecycle;
import io.natator.schemas.CidrBlock;
import io.natator.schemas.ObjectRef;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Parses the fields of an API object that decide who owns an address. The parser reads untyped JSON, so that a
 * malformed field does not make the rest of the object unreadable. Thread-safe.
 */
final class ClusterObjectParser {
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String REGION = "topology.kubernetes.io/region";
    private static final String OLD_ZONE = "failure-domain.beta.kubernetes.io/zone";
    private static final String OLD_REGION = "failure-domain.beta.kubernetes.io/region";
    private static final String CONFIG_HASH = "kubernetes.io/config.hash";
    private static final String MIRRORED_HASH = "kubernetes.io/config.mirror";
    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final List<String> CONTAINER_STATUSES =
            List.of("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses");
    /** A time further in the future than this counts as malformed, because clocks in a cluster differ by less. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofHours(1);

    private final InstantSource clock;
    private final BiConsumer<WatchedKind, ExclusionReason> onExcluded;
    private final WorkloadNaming naming;
    private final PodDescriptions descriptions;

    /** @param onExcluded receives the reason for every object and field that is excluded */
    ClusterObjectParser(
            InstantSource clock, BiConsumer<WatchedKind, ExclusionReason> onExcluded, WorkloadNaming naming) {
        this.clock = clock;
        this.onExcluded = onExcluded;
        this.naming = naming;
        descriptions = new PodDescriptions(naming, kind -> onExcluded.accept(kind, ExclusionReason.LIMIT));
    }

    /** Parses an object. Returns empty if the object has no UID or no name, or if it does not affect ownership. */
    Optional<ClusterObject> parse(WatchedKind kind, Map<?, ?> content) {
        Map<?, ?> meta = JsonFields.object(content, "metadata");
        if (uid(meta).isEmpty() || name(meta).isEmpty()) {
            onExcluded.accept(kind, ExclusionReason.NAMELESS);
            return Optional.empty();
        }
        return switch (kind) {
            case POD -> Optional.of(pod(meta, content));
            case SERVICE -> Optional.of(service(meta, content));
            case ENDPOINT_SLICE -> endpointSlice(meta, content);
            case NODE -> Optional.of(node(meta, content));
            case REPLICA_SET, DEPLOYMENT, STATEFUL_SET, DAEMON_SET, JOB, CRON_JOB, REPLICATION_CONTROLLER ->
                Optional.of(controller(kind.kind(), meta, naming));
        };
    }

    /** @param meta the object's metadata, with UID and name */
    static ClusterObject.Controller controller(String kind, Map<?, ?> meta, WorkloadNaming naming) {
        var ref = new ObjectRef(kind.intern(), namespace(meta), name(meta));
        return new ClusterObject.Controller(uid(meta), ref, naming.ofController(ref, meta), controllerOf(meta));
    }

    private ClusterObject.Pod pod(Map<?, ?> meta, Map<?, ?> content) {
        Map<?, ?> spec = JsonFields.object(content, "spec");
        Map<?, ?> status = JsonFields.object(content, "status");
        ClusterObject.Network network =
                JsonFields.flag(spec, "hostNetwork") ? ClusterObject.Network.HOST : network(meta, status);
        var statuses = new ContainerStatuses(text -> time(WatchedKind.POD, text));
        CONTAINER_STATUSES.forEach(name -> JsonFields.objects(status, name).forEach(statuses::add));
        var lifecycle = PodLifecycle.of(
                JsonFields.text(status, "phase"),
                !JsonFields.text(meta, "deletionTimestamp").isEmpty(),
                statuses.containers(),
                time(WatchedKind.POD, JsonFields.text(status, "startTime")),
                network.addresses().isEmpty() ? null : statuses.firstStartOr(sandboxReady(status)));
        return new ClusterObject.Pod(
                metadata(WatchedKind.POD, meta),
                JsonFields.text(spec, "nodeName").intern(),
                network,
                controllerOf(meta),
                lifecycle,
                configHash(meta),
                descriptions.of(meta, spec));
    }

    private ClusterObject.Network network(Map<?, ?> meta, Map<?, ?> status) {
        Set<String> addresses = new HashSet<>();
        addAddress(WatchedKind.POD, JsonFields.text(status, "podIP"), addresses);
        JsonFields.objects(status, "podIPs")
                .forEach(entry -> addAddress(WatchedKind.POD, JsonFields.text(entry, "ip"), addresses));
        addresses.removeAll(hostAddresses(status));
        Set<String> secondary = new HashSet<>();
        String networks = JsonFields.text(JsonFields.object(meta, "annotations"), NetworkStatus.ANNOTATION);
        if (!networks.isEmpty()) {
            try {
                NetworkStatus.addresses(networks).forEach(text -> addAddress(WatchedKind.POD, text, secondary));
            } catch (IllegalArgumentException e) {
                onExcluded.accept(WatchedKind.POD, ExclusionReason.ANNOTATION);
            }
            secondary.removeAll(addresses);
        }
        return new ClusterObject.Network(false, Set.copyOf(addresses), Set.copyOf(secondary));
    }

    private ClusterObject.Metadata metadata(WatchedKind kind, Map<?, ?> meta) {
        return new ClusterObject.Metadata(
                uid(meta), namespace(meta), name(meta), time(kind, JsonFields.text(meta, "creationTimestamp")));
    }

    /** The hash of a static pod's manifest. The pod's copy in the API has it in one of two annotations. */
    private static @Nullable String configHash(Map<?, ?> meta) {
        Map<?, ?> annotations = JsonFields.object(meta, "annotations");
        String hash = firstOf(JsonFields.text(annotations, CONFIG_HASH), JsonFields.text(annotations, MIRRORED_HASH));
        return hash.isEmpty() || hash.equals(uid(meta)) ? null : hash;
    }

    private Set<String> hostAddresses(Map<?, ?> status) {
        Set<String> found = new HashSet<>();
        addAddress(WatchedKind.POD, JsonFields.text(status, "hostIP"), found);
        JsonFields.objects(status, "hostIPs")
                .forEach(entry -> addAddress(WatchedKind.POD, JsonFields.text(entry, "ip"), found));
        return found;
    }

    private @Nullable Instant sandboxReady(Map<?, ?> status) {
        for (Map<?, ?> condition : JsonFields.objects(status, "conditions")) {
            if (JsonFields.text(condition, "type").equals("PodReadyToStartContainers")
                    && JsonFields.text(condition, "status").equals("True")) {
                return time(WatchedKind.POD, JsonFields.text(condition, "lastTransitionTime"));
            }
        }
        return null;
    }

    private ClusterObject.Service service(Map<?, ?> meta, Map<?, ?> content) {
        Map<?, ?> spec = JsonFields.object(content, "spec");
        Set<String> cluster = new HashSet<>();
        addUnlessNone(JsonFields.text(spec, "clusterIP"), cluster);
        JsonFields.texts(spec, "clusterIPs").forEach(text -> addUnlessNone(text, cluster));
        Set<String> external = new HashSet<>();
        JsonFields.texts(spec, "externalIPs").forEach(text -> addAddress(WatchedKind.SERVICE, text, external));
        Set<String> hostNames = new HashSet<>();
        Map<?, ?> balancer = JsonFields.object(JsonFields.object(content, "status"), "loadBalancer");
        for (Map<?, ?> entry : JsonFields.objects(balancer, "ingress")) {
            addAddress(WatchedKind.SERVICE, JsonFields.text(entry, "ip"), external);
            String hostName = JsonFields.text(entry, "hostname").toLowerCase(Locale.ROOT);
            if (!hostName.isEmpty()) {
                hostNames.add(hostName);
            }
        }
        return new ClusterObject.Service(
                metadata(WatchedKind.SERVICE, meta),
                Set.copyOf(cluster),
                Set.copyOf(external),
                Set.copyOf(hostNames),
                descriptions.ports(
                        WatchedKind.SERVICE,
                        JsonFields.objects(spec, "ports"),
                        "port",
                        PodDescriptions.MAX_SERVICE_PORTS),
                ServicePorts.targetPorts(spec),
                ServicePorts.nodePorts(spec));
    }

    /**
     * Adds the address of a Service. Does nothing for a headless Service, which has {@code None} instead of an address.
     */
    private void addUnlessNone(String text, Set<String> addresses) {
        if (!text.equals("None")) {
            addAddress(WatchedKind.SERVICE, text, addresses);
        }
    }

    private Optional<ClusterObject> endpointSlice(Map<?, ?> meta, Map<?, ?> content) {
        String service = label(meta, SERVICE_NAME);
        if (service.isEmpty()) {
            return Optional.empty(); // valid: an EndpointSlice need not belong to a Service
        }
        Set<String> addresses = new HashSet<>();
        Set<String> pods = new HashSet<>();
        boolean domainNames = JsonFields.text(content, "addressType").equals("FQDN");
        boolean onlyPods = true;
        for (Map<?, ?> endpoint : JsonFields.objects(content, "endpoints")) {
            Map<?, ?> target = JsonFields.object(endpoint, "targetRef");
            String uid = JsonFields.text(target, "uid");
            if (JsonFields.text(target, "kind").equals("Pod") && !uid.isEmpty()) {
                pods.add(uid.intern());
                continue;
            }
            onlyPods = false;
            if (target.isEmpty() && !domainNames) {
                JsonFields.texts(endpoint, "addresses")
                        .forEach(text -> addAddress(WatchedKind.ENDPOINT_SLICE, text, addresses));
            }
        }
        return Optional.of(new ClusterObject.EndpointSlice(
                metadata(WatchedKind.ENDPOINT_SLICE, meta),
                service,
                Set.copyOf(addresses),
                addresses.isEmpty()
                        ? Map.of()
                        : descriptions.ports(
                                WatchedKind.ENDPOINT_SLICE,
                                JsonFields.objects(content, "ports"),
                                "port",
                                PodDescriptions.MAX_SERVICE_PORTS),
                Set.copyOf(pods),
                onlyPods));
    }

    private ClusterObject.Node node(Map<?, ?> meta, Map<?, ?> content) {
        Set<String> addresses = new HashSet<>();
        Set<String> hostNames = new HashSet<>();
        for (Map<?, ?> entry : JsonFields.objects(JsonFields.object(content, "status"), "addresses")) {
            String address = JsonFields.text(entry, "address");
            switch (JsonFields.text(entry, "type")) {
                case "InternalIP", "ExternalIP" -> addAddress(WatchedKind.NODE, address, addresses);
                case "Hostname" -> {
                    if (!address.isEmpty() && !address.equals(name(meta))) {
                        hostNames.add(address);
                    }
                }
                default -> {
                    // InternalDNS and ExternalDNS are ignored, because collectors do not use these names
                }
            }
        }
        return new ClusterObject.Node(
                metadata(WatchedKind.NODE, meta),
                Set.copyOf(addresses),
                Set.copyOf(hostNames),
                new ClusterObject.Location(
                        firstOf(label(meta, ZONE), label(meta, OLD_ZONE)),
                        firstOf(label(meta, REGION), label(meta, OLD_REGION))),
                podRanges(JsonFields.object(content, "spec")));
    }

    private Set<CidrBlock> podRanges(Map<?, ?> spec) {
        Set<String> texts = new HashSet<>(JsonFields.texts(spec, "podCIDRs"));
        texts.add(JsonFields.text(spec, "podCIDR"));
        Set<CidrBlock> ranges = new HashSet<>();
        for (String text : texts) {
            if (text.isEmpty()) {
                continue;
            }
            try {
                ranges.add(CidrBlock.parse(text));
            } catch (IllegalArgumentException e) {
                onExcluded.accept(WatchedKind.NODE, ExclusionReason.ADDRESS);
            }
        }
        return Set.copyOf(ranges);
    }

    private static @Nullable OwnerReference controllerOf(Map<?, ?> meta) {
        for (Map<?, ?> owner : JsonFields.objects(meta, "ownerReferences")) {
            var reference = new OwnerReference(
                    JsonFields.text(owner, "apiVersion").intern(),
                    JsonFields.text(owner, "kind").intern(),
                    JsonFields.text(owner, "name").intern(),
                    JsonFields.text(owner, "uid").intern());
            if (JsonFields.flag(owner, "controller")
                    && !reference.uid().isEmpty()
                    && !reference.kind().isEmpty()
                    && !reference.name().isEmpty()) {
                return reference;
            }
        }
        return null;
    }

    private void addAddress(WatchedKind kind, String text, Collection<String> addresses) {
        if (text.isEmpty()) {
            return;
        }
        Optional<String> address = OwnableAddresses.parse(text);
        if (address.isPresent()) {
            addresses.add(address.get());
        } else {
            onExcluded.accept(kind, ExclusionReason.ADDRESS);
        }
    }

    private @Nullable Instant time(WatchedKind kind, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            Instant time = OffsetDateTime.parse(text).toInstant();
            if (time.isAfter(Instant.EPOCH) && time.isBefore(clock.instant().plus(CLOCK_TOLERANCE))) {
                return time;
            }
        } catch (DateTimeException e) {
            // the text is no time: it is counted below, like a time that is out of range
        }
        onExcluded.accept(kind, ExclusionReason.TIME);
        return null;
    }

    private static String uid(Map<?, ?> meta) {
        return JsonFields.text(meta, "uid").intern(); // other objects contain this UID as a reference
    }

    private static String name(Map<?, ?> meta) {
        return JsonFields.text(meta, "name");
    }

    private static String namespace(Map<?, ?> meta) {
        return JsonFields.text(meta, "namespace").intern();
    }

    private static String label(Map<?, ?> meta, String name) {
        return JsonFields.text(JsonFields.object(meta, "labels"), name).intern();
    }

    private static String firstOf(String a, String b) {
        return a.isEmpty() ? b : a;
    }
}
