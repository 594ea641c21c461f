package io.natator.collector.owner;

import org.jspecify.annotations.Nullable;

/**
 * The owner of a cgroup, as far as the path of the cgroup shows it.
 *
 * @param container the container and the pod
 * @param runtimeId id of the uppermost container in the path, which the runtime of this host knows; null outside a
 *     container, and in a pod. A container that is allowed to create cgroups can give any name to those below its own
 * @param name the name of the unit, container or task that contains the path; null if it contains none
 */
record CgroupOwner(
        ContainerRef container,
        @Nullable String runtimeId,
        @Nullable OwnerName name) {
    /** The value for a cgroup whose path shows no owner, such as the root cgroup. */
    static final CgroupOwner NOBODY = new CgroupOwner(ContainerRef.NONE, null, null);

    /** @param path path of a cgroup below the root of its hierarchy, with '/' between the parts */
    static CgroupOwner of(String path) {
        ContainerRef container = CgroupPaths.parse(path);
        if (container.podUid() != null) {
            return new CgroupOwner(container, null, null);
        }
        String runtimeId = CgroupPaths.uppermostContainer(path);
        OwnerName name = runtimeId != null && CgroupNames.isUsers(path)
                ? ContainerNames.shortId(runtimeId)
                : CgroupNames.parse(path);
        return container.equals(ContainerRef.NONE) && name == null
                ? NOBODY
                : new CgroupOwner(container, runtimeId, name);
    }

    boolean isContainer() {
        return !container.equals(ContainerRef.NONE);
    }
}
