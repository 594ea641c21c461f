package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import io.natator.schemas.ObjectRef;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds the identities of a pod. The pod's own record contains its labels and ports. The histories of its addresses do
 * not: they would contain the same labels once per address and span.
 */
final class PodIdentity {
    private PodIdentity() {}

    /**
     * The identity of a pod as the owner of its addresses.
     *
     * @param direct the pod's controller; null if it has none
     * @param top the workload of the pod's top controller; null if nothing controls the pod
     */
    static Identity of(
            ClusterObject.Pod pod,
            @Nullable ObjectRef direct,
            @Nullable ObjectRef top,
            ClusterObject.Location location) {
        return new Identity(
                "Pod",
                pod.namespace(),
                pod.name(),
                pod.uid(),
                direct,
                top == null ? ownWorkload(pod) : top,
                pod.node(),
                location.zone(),
                location.region(),
                pod.network().isHost(),
                null,
                Map.of(),
                Map.of(),
                Map.of());
    }

    /** The workload of a pod that nothing controls. */
    static ObjectRef ownWorkload(ClusterObject.Pod pod) {
        return new ObjectRef("Pod", pod.namespace(), pod.description().workloadName());
    }

    /** The identity with the pod's labels and ports. */
    static Identity described(Identity owner, ClusterObject.Description description) {
        return description.labels().isEmpty() && description.ports().isEmpty()
                ? owner
                : with(owner, description.labels(), description.ports());
    }

    /** The identity without labels and ports. */
    static Identity asOwner(Identity described) {
        return with(described, Map.of(), Map.of());
    }

    private static Identity with(Identity identity, Map<String, String> labels, Map<String, String> ports) {
        return new Identity(
                identity.getKind(),
                identity.getNamespace(),
                identity.getName(),
                identity.getUid(),
                identity.getOwner(),
                identity.getWorkload(),
                identity.getNode(),
                identity.getZone(),
                identity.getRegion(),
                identity.getHostNetwork(),
                identity.getBackend(),
                labels,
                ports,
                Map.of());
    }
}
