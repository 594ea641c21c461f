package io.natator.collector.owner;

import org.jspecify.annotations.Nullable;

/**
 * The container and pod that a cgroup belongs to.
 *
 * @param containerId 64 hexadecimal digits; null outside a container
 * @param podUid the pod's UID in lower case with dashes; null outside a pod. For a static pod, the 32 hexadecimal
 *     digits of the hash of its configuration, because the kubelet names the cgroup after this hash
 */
public record ContainerRef(
        @Nullable String containerId, @Nullable String podUid) {
    /** The value for a cgroup that belongs to no container and no pod, or that is unknown. */
    public static final ContainerRef NONE = new ContainerRef(null, null);
}
