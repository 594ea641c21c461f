package io.natator.topology.identity;

import io.natator.schemas.NameKind;
import org.jspecify.annotations.Nullable;

/**
 * The process that owns a socket.
 *
 * @param cluster name of the node's cluster; empty if it has none
 * @param node name of the node of the process
 * @param command name of the process; empty if unknown
 * @param podUid UID of the pod, read from the path of the process's cgroup; null if the process is in no pod
 * @param pid process id on the node; 0 if unknown
 * @param containerId id of the container; null if the process is in no container
 * @param name name of the owner outside Kubernetes
 */
public record SocketProcess(
        String cluster,
        String node,
        String command,
        @Nullable String podUid,
        int pid,
        @Nullable String containerId,
        OwnerName name) {
    /** A process without a name other than its command. */
    public SocketProcess(String node, String command, @Nullable String podUid, int pid, @Nullable String containerId) {
        this("", node, command, podUid, pid, containerId, OwnerName.NONE);
    }

    /** Whether the collector could not find out whether the process is in a pod. */
    boolean isUnresolved() {
        return podUid == null && name.kind() == NameKind.UNRESOLVED;
    }

    /** Whether the collector found out that the process is in no pod and no container. */
    boolean isOutsideContainers() {
        return podUid == null
                && containerId == null
                && switch (name.kind()) {
                    case PROCESS, UNIT -> true;
                    case NONE, UNRESOLVED, CONTAINER, TASK -> false;
                };
    }

    /** Whether this report knows the pod, or at least the owner, and an earlier report of the same socket does not. */
    public boolean knowsMoreThan(SocketProcess earlier) {
        return podUid == null ? earlier.isUnresolved() && !isUnresolved() : earlier.podUid == null;
    }
}
