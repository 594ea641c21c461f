package io.natator.enricher.cluster;

import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.OwnerReference;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.ObjectRef;
import java.net.InetAddress;
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
 * Keeps of an API object what ownership needs. Objects are read as untyped JSON, so that one that is not as it should
 * be costs no more than itself. Thread-safe.
 */
final class Distiller {
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String REGION = "topology.kubernetes.io/region";
    private static final String OLD_ZONE = "failure-domain.beta.kubernetes.io/zone";
    private static final String OLD_REGION = "failure-domain.beta.kubernetes.io/region";
    private static final String CONFIG_HASH = "kubernetes.io/config.hash";
    private static final String MIRRORED_HASH = "kubernetes.io/config.mirror";
    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final int MAX_PORT = 65_535;
    private static final List<String> CONTAINER_STATUSES =
            List.of("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses");
    /** Clocks of a cluster differ by less. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofHours(1);

    private final InstantSource clock;
    private final BiConsumer<WatchedKind, Oddity> oddities;

    /** @param oddities told about every object and field that was set aside */
    Distiller(InstantSource clock, BiConsumer<WatchedKind, Oddity> oddities) {
        this.clock = clock;
        this.oddities = oddities;
    }

    /** The object's essence; empty if it has no identity. */
    Optional<ClusterObject> distill(WatchedKind kind, Map<?, ?> content) {
        Map<?, ?> meta = Fields.object(content, "metadata");
        if (uid(meta).isEmpty() || name(meta).isEmpty()) {
            oddities.accept(kind, Oddity.NAMELESS);
            return Optional.empty();
        }
        return switch (kind) {
            case POD -> Optional.of(pod(meta, content));
            case SERVICE -> Optional.of(service(meta, content));
            case ENDPOINT_SLICE -> endpointSlice(meta, content);
            case NODE -> Optional.of(node(meta, content));
            case REPLICA_SET, DEPLOYMENT, STATEFUL_SET, DAEMON_SET, JOB, CRON_JOB, REPLICATION_CONTROLLER ->
                Optional.of(controller(kind.kind(), meta));
        };
    }

    /** @param meta with UID and name */
    static ClusterObject.Controller controller(String kind, Map<?, ?> meta) {
        return new ClusterObject.Controller(
                uid(meta), new ObjectRef(kind.intern(), namespace(meta), name(meta)), controllerOf(meta));
    }

    private ClusterObject.Pod pod(Map<?, ?> meta, Map<?, ?> content) {
        Map<?, ?> spec = Fields.object(content, "spec");
        Map<?, ?> status = Fields.object(content, "status");
        boolean hostNetwork = Fields.flag(spec, "hostNetwork");
        Set<String> addresses = new HashSet<>();
        if (!hostNetwork) {
            addAddress(WatchedKind.POD, Fields.text(status, "podIP"), addresses);
            Fields.objects(status, "podIPs")
                    .forEach(entry -> addAddress(WatchedKind.POD, Fields.text(entry, "ip"), addresses));
            addresses.removeAll(hostAddresses(status));
        }
        var containers = new Containers(this);
        CONTAINER_STATUSES.forEach(name -> Fields.objects(status, name).forEach(containers::add));
        String phase = Fields.text(status, "phase");
        boolean over = phase.equals("Succeeded")
                || phase.equals("Failed")
                || (!Fields.text(meta, "deletionTimestamp").isEmpty() && containers.anyTerminated);
        boolean finished = over && !containers.anyRunning;
        return new ClusterObject.Pod(
                uid(meta),
                namespace(meta),
                name(meta),
                time(WatchedKind.POD, Fields.text(meta, "creationTimestamp")),
                Fields.text(spec, "nodeName").intern(),
                hostNetwork,
                Set.copyOf(addresses),
                controllerOf(meta),
                time(WatchedKind.POD, Fields.text(status, "startTime")),
                addresses.isEmpty() ? null : earliest(sandboxReady(status), containers.firstStart),
                finished,
                finished ? containers.lastEnd : null,
                configHash(meta));
    }

    /** The hash of a static pod's manifest; its mirror in the API bears it under either name. */
    private static @Nullable String configHash(Map<?, ?> meta) {
        Map<?, ?> annotations = Fields.object(meta, "annotations");
        String hash = firstOf(Fields.text(annotations, CONFIG_HASH), Fields.text(annotations, MIRRORED_HASH));
        return hash.isEmpty() || hash.equals(uid(meta)) ? null : hash;
    }

    private Set<String> hostAddresses(Map<?, ?> status) {
        Set<String> found = new HashSet<>();
        addAddress(WatchedKind.POD, Fields.text(status, "hostIP"), found);
        Fields.objects(status, "hostIPs")
                .forEach(entry -> addAddress(WatchedKind.POD, Fields.text(entry, "ip"), found));
        return found;
    }

    private @Nullable Instant sandboxReady(Map<?, ?> status) {
        for (Map<?, ?> condition : Fields.objects(status, "conditions")) {
            if (Fields.text(condition, "type").equals("PodReadyToStartContainers")
                    && Fields.text(condition, "status").equals("True")) {
                return time(WatchedKind.POD, Fields.text(condition, "lastTransitionTime"));
            }
        }
        return null;
    }

    /** What the statuses of a pod's containers say together. */
    private static final class Containers {
        private final Distiller distiller;
        private boolean anyRunning;
        private boolean anyTerminated;
        private @Nullable Instant firstStart;
        private @Nullable Instant lastEnd;

        Containers(Distiller distiller) {
            this.distiller = distiller;
        }

        void add(Map<?, ?> status) {
            Map<?, ?> state = Fields.object(status, "state");
            anyRunning |= state.get("running") instanceof Map<?, ?>;
            started(Fields.object(state, "running"));
            started(Fields.object(Fields.object(status, "lastState"), "terminated"));
            if (state.get("terminated") instanceof Map<?, ?> terminated) {
                anyTerminated = true;
                started(terminated);
                Instant end = distiller.time(WatchedKind.POD, Fields.text(terminated, "finishedAt"));
                lastEnd = lastEnd == null || (end != null && end.isAfter(lastEnd)) ? end : lastEnd;
            }
        }

        private void started(Map<?, ?> run) {
            firstStart = earliest(firstStart, distiller.time(WatchedKind.POD, Fields.text(run, "startedAt")));
        }
    }

    private ClusterObject.Service service(Map<?, ?> meta, Map<?, ?> content) {
        Map<?, ?> spec = Fields.object(content, "spec");
        Set<String> cluster = new HashSet<>();
        addUnlessNone(Fields.text(spec, "clusterIP"), cluster);
        Fields.texts(spec, "clusterIPs").forEach(text -> addUnlessNone(text, cluster));
        Set<String> external = new HashSet<>();
        Fields.texts(spec, "externalIPs").forEach(text -> addAddress(WatchedKind.SERVICE, text, external));
        Map<?, ?> balancer = Fields.object(Fields.object(content, "status"), "loadBalancer");
        Fields.objects(balancer, "ingress")
                .forEach(entry -> addAddress(WatchedKind.SERVICE, Fields.text(entry, "ip"), external));
        return new ClusterObject.Service(
                uid(meta),
                namespace(meta),
                name(meta),
                time(WatchedKind.SERVICE, Fields.text(meta, "creationTimestamp")),
                Set.copyOf(cluster),
                Set.copyOf(external),
                nodePorts(spec));
    }

    private static Set<String> nodePorts(Map<?, ?> spec) {
        Set<String> ports = new HashSet<>();
        for (Map<?, ?> port : Fields.objects(spec, "ports")) {
            if (port.get("nodePort") instanceof Integer number && number > 0 && number <= MAX_PORT) {
                String protocol = Fields.text(port, "protocol");
                ports.add((protocol.isEmpty() ? "tcp" : protocol.toLowerCase(Locale.ROOT)) + "/" + number);
            }
        }
        return Set.copyOf(ports);
    }

    /** A headless Service says {@code None} where others have an address. */
    private void addUnlessNone(String text, Set<String> addresses) {
        if (!text.equals("None")) {
            addAddress(WatchedKind.SERVICE, text, addresses);
        }
    }

    private Optional<ClusterObject> endpointSlice(Map<?, ?> meta, Map<?, ?> content) {
        String service = label(meta, SERVICE_NAME);
        if (service.isEmpty()) {
            return Optional.empty(); // belongs to no Service, which is allowed
        }
        Set<String> addresses = new HashSet<>();
        Set<String> pods = new HashSet<>();
        boolean domainNames = Fields.text(content, "addressType").equals("FQDN");
        boolean onlyPods = true;
        for (Map<?, ?> endpoint : Fields.objects(content, "endpoints")) {
            Map<?, ?> target = Fields.object(endpoint, "targetRef");
            String uid = Fields.text(target, "uid");
            if (Fields.text(target, "kind").equals("Pod") && !uid.isEmpty()) {
                pods.add(uid.intern());
                continue;
            }
            onlyPods = false;
            if (target.isEmpty() && !domainNames) {
                Fields.texts(endpoint, "addresses")
                        .forEach(text -> addAddress(WatchedKind.ENDPOINT_SLICE, text, addresses));
            }
        }
        return Optional.of(new ClusterObject.EndpointSlice(
                uid(meta),
                namespace(meta),
                service,
                time(WatchedKind.ENDPOINT_SLICE, Fields.text(meta, "creationTimestamp")),
                Set.copyOf(addresses),
                Set.copyOf(pods),
                onlyPods));
    }

    private ClusterObject.Node node(Map<?, ?> meta, Map<?, ?> content) {
        Set<String> addresses = new HashSet<>();
        Set<String> hostNames = new HashSet<>();
        for (Map<?, ?> entry : Fields.objects(Fields.object(content, "status"), "addresses")) {
            String address = Fields.text(entry, "address");
            switch (Fields.text(entry, "type")) {
                case "InternalIP", "ExternalIP" -> addAddress(WatchedKind.NODE, address, addresses);
                case "Hostname" -> {
                    if (!address.isEmpty() && !address.equals(name(meta))) {
                        hostNames.add(address);
                    }
                }
                default -> {
                    // InternalDNS, ExternalDNS: names nobody reports
                }
            }
        }
        return new ClusterObject.Node(
                uid(meta),
                name(meta).intern(),
                time(WatchedKind.NODE, Fields.text(meta, "creationTimestamp")),
                Set.copyOf(addresses),
                Set.copyOf(hostNames),
                firstOf(label(meta, ZONE), label(meta, OLD_ZONE)),
                firstOf(label(meta, REGION), label(meta, OLD_REGION)));
    }

    private static @Nullable OwnerReference controllerOf(Map<?, ?> meta) {
        for (Map<?, ?> owner : Fields.objects(meta, "ownerReferences")) {
            var reference = new OwnerReference(
                    Fields.text(owner, "apiVersion").intern(),
                    Fields.text(owner, "kind").intern(),
                    Fields.text(owner, "name").intern(),
                    Fields.text(owner, "uid").intern());
            if (Fields.flag(owner, "controller")
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
        Optional<String> address = parseAddress(text);
        if (address.isPresent()) {
            addresses.add(address.get());
        } else {
            oddities.accept(kind, Oddity.ADDRESS);
        }
    }

    /** The address as the topic's keys have it; empty if it is none, or one that belongs to nobody. */
    private static Optional<String> parseAddress(String text) {
        boolean dotted = text.indexOf(':') < 0;
        // Java also reads "10.1" and "fe80::1%eth0", which no API server accepts.
        if (text.indexOf('%') >= 0
                || (dotted && text.chars().filter(c -> c == '.').count() != 3)) {
            return Optional.empty();
        }
        try {
            InetAddress address = InetAddress.ofLiteral(text);
            if (address.isAnyLocalAddress() || address.isLoopbackAddress() || address.isMulticastAddress()) {
                return Optional.empty();
            }
            return Optional.of(IpAddresses.format(address.getAddress()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
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
            // counted below, like one that is out of range
        }
        oddities.accept(kind, Oddity.TIME);
        return null;
    }

    private static @Nullable Instant earliest(@Nullable Instant a, @Nullable Instant b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.isBefore(b) ? a : b;
    }

    private static String uid(Map<?, ?> meta) {
        return Fields.text(meta, "uid").intern(); // others refer to it by UID
    }

    private static String name(Map<?, ?> meta) {
        return Fields.text(meta, "name");
    }

    private static String namespace(Map<?, ?> meta) {
        return Fields.text(meta, "namespace").intern();
    }

    private static String label(Map<?, ?> meta, String name) {
        return Fields.text(Fields.object(meta, "labels"), name).intern();
    }

    private static String firstOf(String a, String b) {
        return a.isEmpty() ? b : a;
    }
}
