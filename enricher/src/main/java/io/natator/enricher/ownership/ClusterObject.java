package io.natator.enricher.ownership;

import io.natator.schemas.ObjectRef;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of a Kubernetes object that decides who owns which address. Addresses are text as in the keys of the
 * {@code identities} topic: dotted decimal, or RFC 5952. UIDs are never empty. Times come from the API and are cut to
 * seconds, unless said otherwise.
 */
public sealed interface ClusterObject {
    /** UID of the object. */
    String uid();

    /**
     * What the API says about every object.
     *
     * @param namespace empty if the object is in none
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
     * A pod.
     *
     * @param node node that it is bound to, or empty
     * @param hostNetwork uses its node's addresses
     * @param addresses its own addresses; empty with {@code hostNetwork}
     * @param controller its controller, if it has one
     * @param configHash of a static pod, the UID under which its kubelet knows it (for example in cgroup paths), which
     *     differs from that of the API's copy; null for others
     */
    record Pod(
            Metadata metadata,
            String node,
            boolean hostNetwork,
            Set<String> addresses,
            @Nullable OwnerReference controller,
            PodLifecycle lifecycle,
            @Nullable String configHash)
            implements Described {}

    /**
     * A Service.
     *
     * @param clusterAddresses its cluster IPs of every family; none if headless
     * @param externalAddresses its external IPs and load balancer ingress IPs
     * @param nodePorts the ports that every node opens for it, such as {@code tcp/30080}
     */
    record Service(
            Metadata metadata, Set<String> clusterAddresses, Set<String> externalAddresses, Set<String> nodePorts)
            implements Described {}

    /**
     * A part of a Service's endpoints.
     *
     * @param service name of the Service
     * @param addresses addresses of the endpoints that refer to no object, so that no pod explains them
     * @param pods UIDs of the pods that its endpoints refer to
     * @param onlyPods whether all its endpoints refer to pods, by UID
     */
    record EndpointSlice(Metadata metadata, String service, Set<String> addresses, Set<String> pods, boolean onlyPods)
            implements Described {}

    /**
     * Where a node is.
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
     * @param addresses its internal and external addresses
     * @param hostNames its host names that differ from its name
     */
    record Node(Metadata metadata, Set<String> addresses, Set<String> hostNames, Location location)
            implements Described {}

    /**
     * An object that can control pods or other controllers.
     *
     * @param ref the object by name
     * @param controller its own controller, if it has one
     */
    record Controller(String uid, ObjectRef ref, @Nullable OwnerReference controller) implements ClusterObject {}
}
