package io.natator.collector.owner;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses the container id and the pod UID from the path of a cgroup. Supports containerd, CRI-O, Docker and Podman,
 * with the systemd and the cgroupfs driver, in cgroup v1 and v2. Pure functions.
 *
 * <p>The uppermost pod in a path applies, and the deepest container. A pod that is allowed to create cgroups can give any
 * name to those below its own, also that of another pod. A node that is itself a container (kind, k3d) has its own
 * container id in the path above the ids of its pods' containers. A container that runs systemd has further cgroups below
 * its id.
 */
final class CgroupPaths {
    /**
     * Matches a container id, alone or after the name of the runtime: {@code cri-containerd-<id>.scope},
     * {@code crio-<id>}.
     */
    private static final Pattern CONTAINER = Pattern.compile("(?:(.*)-)?([0-9a-f]{64})(?:\\.scope)?");

    /** Matches a pod UID: {@code pod<uid>}, {@code kubepods-burstable-pod<uid with underscores>.slice}. */
    private static final Pattern POD = Pattern.compile(
            "(?:.*-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}" + "|[0-9a-f]{32})(?:\\.slice)?");

    private CgroupPaths() {}

    /**
     * Returns the container and the pod in a path; {@link ContainerRef#NONE} if it has neither.
     *
     * @param path path of a cgroup below the root of its hierarchy, with '/' between the parts
     */
    static ContainerRef parse(String path) {
        String containerId = null;
        String podUid = null;
        // If containerd uses the cgroupfs driver and the kubelet uses systemd, ':' separates slice, prefix and id.
        String[] parts = path.split("[/:]");
        for (String part : parts) {
            if (podUid == null) {
                podUid = podUid(part);
                // A container above the pod is the node.
                containerId = podUid == null ? deeper(part, containerId) : null;
            } else {
                containerId = deeper(part, containerId);
            }
        }
        return containerId == null && podUid == null ? ContainerRef.NONE : new ContainerRef(containerId, podUid);
    }

    /** Returns the uppermost container in a path; null if the path has none. */
    static @Nullable String uppermostContainer(String path) {
        for (String part : path.split("[/:]")) {
            String containerId = containerId(part);
            if (containerId != null) {
                return containerId;
            }
        }
        return null;
    }

    private static @Nullable String deeper(String part, @Nullable String containerId) {
        String found = containerId(part);
        return found == null ? containerId : found;
    }

    private static @Nullable String containerId(String part) {
        Matcher matcher = CONTAINER.matcher(part);
        if (!matcher.matches()) {
            return null;
        }
        String runtime = matcher.group(1);
        // conmon, the monitor process of CRI-O and Podman, runs outside the container although its cgroup has the
        // container's id in its name.
        return runtime != null && runtime.endsWith("conmon") ? null : matcher.group(2);
    }

    private static @Nullable String podUid(String part) {
        Matcher matcher = POD.matcher(part);
        return matcher.matches() ? matcher.group(1).replace('_', '-').toLowerCase(Locale.ROOT) : null;
    }
}
