package io.natator.enricher.ownership;

import io.natator.schemas.CidrBlock;
import io.natator.schemas.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a Kubernetes object that decide who owns which address. Addresses are text in the form of the keys of
 * the {@code identities} topic: dotted decimal for IPv4, RFC 5952 for IPv6. UIDs are never empty. Times come from the
 * API, which cuts them to seconds.
 */
public sealed interface ClusterObject {
    /** The API cuts times to whole multiples of this. */
    Duration TIME_RESOLUTION = Duration.ofSeconds(1);

    /** UID of the object. */
    String uid();

    /**
     * The fields that every object has.
     *
     * @param namespace empty for a cluster-scoped object
     * @param created {@code metadata.creationTimestamp}; null if absent
     */
    record Metadata(
            String uid,
            String namespace,
            String name,
            @Nullable Instant created) {}

    /** An object that has {@link Metadata}. */
    sealed interface Described extends ClusterObject {
        Metadata metadata();

        @Override
        default String uid() {
            return metadata().uid();
        }

        default String namespace() {
            return metadata().namespace();
        }

        default String name() {
            return metadata().name();
        }

        default @Nullable Instant created() {
            return metadata().created();
        }
    }

    /**
     * The addresses of a pod.
     *
     * @param isHost true if the pod uses its node's addresses
     * @param addresses the pod's own addresses; empty with {@code isHost}
     * @param secondary the addresses of further network interfaces; empty with {@code isHost}. Networks can overlap, so
     *     several pods can have one such address
     */
    record Network(boolean isHost, Set<String> addresses, Set<String> secondary) {
        /** The network of a pod that uses its node's addresses. */
        public static final Network HOST = new Network(true, Set.of(), Set.of());

        public Network {
            addresses = isHost ? Set.of() : addresses;
            secondary = isHost ? Set.of() : secondary;
        }
    }

    /**
     * What a pod says about itself.
     *
     * @param workloadName the name of the pod's workload if nothing controls the pod: one-off pods that are generated
     *     from one template have the same
     * @param labels the labels without those that Kubernetes generates
     * @param ports the names of the ports that the containers declare, by port as in {@link Service}
     */
    record Description(String workloadName, Map<String, String> labels, Map<String, String> ports) {}

    /**
     * A pod.
     *
     * @param node name of the node to which the pod is bound; empty if it is not bound yet
     * @param controller the pod's controller; null if it has none
     * @param configHash for a static pod, the UID that its kubelet uses, for example in cgroup paths. It differs from
     *     the UID of the pod's copy in the API. Null for pods that are not static
     */
    record Pod(
            Metadata metadata,
            String node,
            Network network,
            @Nullable OwnerReference controller,
            PodLifecycle lifecycle,
            @Nullable String configHash,
            Description description)
            implements Described {}

    /**
     * A Service.
     *
     * @param clusterAddresses cluster IPs of every family; empty if the Service is headless
     * @param externalAddresses external IPs and load balancer ingress IPs
     * @param hostNames host names of the load balancers, in lower case
     * @param ports the names of the ports at which the addresses are served, by port such as {@code tcp/80}
     * @param targetPorts the ports of the pods, by the port or node port that a client dials: a number, or the name of a
     *     port of the pod. Does not contain a port that is the same at the pods
     * @param nodePorts the ports that every node opens for the Service, such as {@code tcp/30080}
     */
    record Service(
            Metadata metadata,
            Set<String> clusterAddresses,
            Set<String> externalAddresses,
            Set<String> hostNames,
            Map<String, String> ports,
            Map<String, String> targetPorts,
            Set<String> nodePorts)
            implements Described {}

    /**
     * An EndpointSlice, which contains a part of a Service's endpoints.
     *
     * @param service name of the Service
     * @param addresses addresses of the endpoints that refer to no object, such as servers outside the cluster
     * @param ports the names of the ports of all endpoints, by port as in {@link Service}
     * @param pods UIDs of the pods to which endpoints refer
     * @param onlyPods true if all endpoints refer to pods by UID
     */
    record EndpointSlice(
            Metadata metadata,
            String service,
            Set<String> addresses,
            Map<String, String> ports,
            Set<String> pods,
            boolean onlyPods)
            implements Described {}

    /**
     * The zone and the region in which a node is.
     *
     * @param zone {@code topology.kubernetes.io/zone}, or empty
     * @param region {@code topology.kubernetes.io/region}, or empty
     */
    record Location(String zone, String region) {
        static final Location UNKNOWN = new Location("", "");
    }

    /**
     * A node.
     *
     * @param addresses internal and external addresses
     * @param hostNames host names that differ from the node's name
     * @param podRanges the ranges from which the node's pods get their addresses ({@code spec.podCIDRs})
     */
    record Node(
            Metadata metadata,
            Set<String> addresses,
            Set<String> hostNames,
            Location location,
            Set<CidrBlock> podRanges)
            implements Described {}

    /**
     * An object that can control pods or other controllers.
     *
     * @param ref kind, namespace and name of the object
     * @param workload the workload that the object stands for if nothing controls it. It differs from {@code ref} if the
     *     object is one of several that are generated from one template, such as a Job
     * @param controller the controller of this object; null if it has none
     */
    record Controller(
            String uid,
            ObjectRef ref,
            ObjectRef workload,
            @Nullable OwnerReference controller) implements ClusterObject {
        /** Creates an object that stands for itself. */
        public Controller(String uid, ObjectRef ref, @Nullable OwnerReference controller) {
            this(uid, ref, ref, controller);
        }
    }
}
