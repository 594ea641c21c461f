package io.natator.enricher.ownership;

import io.natator.schemas.ObjectRef;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a Kubernetes object. Addresses are text as in the keys of the {@code identities} topic (dotted
 * decimal, or RFC 5952). UIDs are never empty. Times are the API's, cut to seconds, unless said otherwise.
 */
public sealed interface ClusterObject {
    /** UID of the object. */
    String uid();

    /**
     * A pod.
     *
     * @param created {@code metadata.creationTimestamp}
     * @param node node it is bound to, or empty
     * @param hostNetwork uses its node's addresses
     * @param addresses its own addresses; empty on the host's network
     * @param controller its controller, if it has one
     * @param started {@code status.startTime}: the kubelet has taken it on
     * @param running the earliest sign of a working sandbox: network ready, or the first container's start
     * @param finished all its containers have ended for good
     * @param ended the end of its last container, where it is finished and the API tells
     * @param configHash of a static pod, the UID its kubelet knows it by (in the paths of its cgroups, say), which is not
     *     that of the API's copy; null for others
     */
    record Pod(
            String uid,
            String namespace,
            String name,
            @Nullable Instant created,
            String node,
            boolean hostNetwork,
            Set<String> addresses,
            @Nullable OwnerReference controller,
            @Nullable Instant started,
            @Nullable Instant running,
            boolean finished,
            @Nullable Instant ended,
            @Nullable String configHash)
            implements ClusterObject {}

    /**
     * A Service.
     *
     * @param clusterAddresses its cluster IPs of every family; none if headless
     * @param externalAddresses its external IPs and load balancer ingress IPs
     * @param nodePorts what every node opens for it, such as {@code tcp/30080}
     */
    record Service(
            String uid,
            String namespace,
            String name,
            @Nullable Instant created,
            Set<String> clusterAddresses,
            Set<String> externalAddresses,
            Set<String> nodePorts)
            implements ClusterObject {}

    /**
     * A part of a Service's endpoints.
     *
     * @param service name of the Service
     * @param addresses addresses of the endpoints that refer to no object: those that no pod explains
     * @param pods UIDs of the pods that its endpoints refer to
     * @param onlyPods whether all its endpoints refer to pods, by UID
     */
    record EndpointSlice(
            String uid,
            String namespace,
            String service,
            @Nullable Instant created,
            Set<String> addresses,
            Set<String> pods,
            boolean onlyPods)
            implements ClusterObject {}

    /**
     * A node.
     *
     * @param addresses its internal and external addresses
     * @param hostNames its host names that differ from its name
     * @param zone {@code topology.kubernetes.io/zone}, or empty
     * @param region {@code topology.kubernetes.io/region}, or empty
     */
    record Node(
            String uid,
            String name,
            @Nullable Instant created,
            Set<String> addresses,
            Set<String> hostNames,
            String zone,
            String region)
            implements ClusterObject {}

    /**
     * An object that can control pods or other controllers.
     *
     * @param ref the object by name
     * @param controller its own controller, if it has one
     */
    record Controller(String uid, ObjectRef ref, @Nullable OwnerReference controller) implements ClusterObject {}
}
