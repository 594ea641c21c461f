package io.natator.collector.owner;

import org.jspecify.annotations.Nullable;

/**
 * The owner of a cgroup, as far as the path of the cgroup shows it.
 *
 * @param container the container and the pod
 * @param name the name of the unit, container or task that contains the path; null if it contains none
 */
record CgroupOwner(ContainerRef container, @Nullable OwnerName name) {
    /** The value for a cgroup whose path shows no owner, such as the root cgroup. */
    static final CgroupOwner NOBODY = new CgroupOwner(ContainerRef.NONE, null);

    /** @param path path of a cgroup below the root of its hierarchy, with '/' between the parts */
    static CgroupOwner of(String path) {
        ContainerRef container = CgroupPaths.parse(path);
        OwnerName name = container.podUid() != null ? null : CgroupNames.parse(path);
        return container.equals(ContainerRef.NONE) && name == null ? NOBODY : new CgroupOwner(container, name);
    }

    boolean isContainer() {
        return !container.equals(ContainerRef.NONE);
    }
}
