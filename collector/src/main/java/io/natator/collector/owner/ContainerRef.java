package io.natator.collector.owner;

import org.jspecify.annotations.Nullable;

/**
 * The container and pod that a cgroup belongs to.
 *
 * @param containerId 64 hexadecimal digits, null outside a container
 * @param podUid the pod's UID in lower case with dashes; for a static pod the 32 hexadecimal digits of its
 *     configuration's hash, by which the kubelet names its cgroup; null outside a pod
 */
public record ContainerRef(
        @Nullable String containerId, @Nullable String podUid) {
    /** Neither in a container nor in a pod, or unknown. */
    public static final ContainerRef NONE = new ContainerRef(null, null);
}
