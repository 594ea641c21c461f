package io.natator.topology.identity;

import org.jspecify.annotations.Nullable;

/**
 * The process that owns a socket.
 *
 * @param node name of its node
 * @param command name of the process, empty where unknown
 * @param podUid UID of the pod, from the path of the process's cgroup; null outside a pod
 * @param pid process id on its node, 0 where unknown
 * @param containerId null outside a container
 */
public record SocketProcess(
        String node,
        String command,
        @Nullable String podUid,
        int pid,
        @Nullable String containerId) {}
