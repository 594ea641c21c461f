package io.natator.collector.owner;

/**
 * The owner of a socket.
 *
 * @param container its container and pod
 * @param name its name outside Kubernetes; {@link OwnerName#NONE} in a pod
 */
public record Owner(ContainerRef container, OwnerName name) {
    /** The value for a socket whose cgroup and process are unknown. */
    public static final Owner UNRESOLVED = new Owner(ContainerRef.NONE, OwnerName.UNRESOLVED);
}
