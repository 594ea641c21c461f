package io.natator.topology.identity;

import org.jspecify.annotations.Nullable;

/**
 * The process that owns a socket.
 *
 * @param node name of the node of the process
 * @param command name of the process; empty if unknown
 * @param podUid UID of the pod, read from the path of the process's cgroup; null if the process is in no pod
 * @param pid process id on the node; 0 if unknown
 * @param containerId id of the container; null if the process is in no container
 */
public record SocketProcess(
        String node,
        String command,
        @Nullable String podUid,
        int pid,
        @Nullable String containerId) {}
