package io.natator.collector.owner;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses container id and pod UID from the path of a cgroup: of containerd, CRI-O, Docker and Podman, with the systemd and the
 * cgroupfs driver, in cgroup v1 and v2. Pure.
 *
 * <p>The deepest match applies: a node that is a container itself (kind, k3d) has its own id above the ids of its pods, and a
 * container that runs systemd has further cgroups below its id.
 */
final class CgroupPaths {
    /** The id, alone or after the runtime's name: {@code cri-containerd-<id>.scope}, {@code crio-<id>}. */
    private static final Pattern CONTAINER = Pattern.compile("(?:(.*)-)?([0-9a-f]{64})(?:\\.scope)?");

    /** {@code pod<uid>}, {@code kubepods-burstable-pod<uid with underscores>.slice}. */
    private static final Pattern POD = Pattern.compile(
            "(?:.*-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}" + "|[0-9a-f]{32})(?:\\.slice)?");

    private CgroupPaths() {}

    /**
     * The container and the pod of a path.
     *
     * @param path path of a cgroup below its hierarchy's root, with '/' between the parts
     */
    static ContainerRef parse(String path) {
        String containerId = null;
        String podUid = null;
        // With containerd's cgroupfs driver under a kubelet with systemd, ':' separates slice, prefix and id.
        String[] parts = path.split("[/:]");
        for (int i = parts.length - 1; i >= 0 && podUid == null; i--) {
            podUid = podUid(parts[i]);
            if (containerId == null) {
                containerId = containerId(parts[i]);
            }
        }
        return containerId == null && podUid == null ? ContainerRef.NONE : new ContainerRef(containerId, podUid);
    }

    private static @Nullable String containerId(String part) {
        Matcher matcher = CONTAINER.matcher(part);
        if (!matcher.matches()) {
            return null;
        }
        String runtime = matcher.group(1);
        // conmon runs outside the container, in a cgroup that has the container's id in its name.
        return runtime != null && runtime.endsWith("conmon") ? null : matcher.group(2);
    }

    private static @Nullable String podUid(String part) {
        Matcher matcher = POD.matcher(part);
        return matcher.matches() ? matcher.group(1).replace('_', '-').toLowerCase(Locale.ROOT) : null;
    }
}
