package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.isNode;
import static io.natator.topology.identity.WorkloadKinds.EXTERNAL;
import static io.natator.topology.identity.WorkloadKinds.NODE;
import static io.natator.topology.identity.WorkloadKinds.PROCESS;
import static io.natator.topology.identity.WorkloadKinds.UNKNOWN;

import io.natator.schemas.Identity;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Workload;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Decides which name (workload) an end gets from its identity, its process or its address. Pure.
 *
 * @param traverseUpHierarchy true to name a pod after its top controller, false to name a pod after itself
 */
record WorkloadNames(boolean traverseUpHierarchy) {
    /**
     * The name of one end of a link.
     *
     * @param controller name of the pod's direct controller if the end is named after the pod; otherwise empty
     */
    record NamedEnd(Workload workload, String controller) {
        NamedEnd(Workload workload) {
            this(workload, "");
        }
    }

    /**
     * The name of an end that belongs to a pod, a node, a Service or another object.
     *
     * @param cluster name of its cluster
     */
    NamedEnd of(Identity identity, String cluster) {
        if (isNode(identity)) {
            return new NamedEnd(
                    new Workload(identity.getName(), NODE, NODE, identity.getZone(), identity.getRegion(), cluster));
        }
        if (traverseUpHierarchy) {
            return new NamedEnd(workload(identity.getWorkload(), identity, cluster));
        }
        ObjectRef controller = identity.getOwner();
        var itself = new ObjectRef(identity.getKind(), identity.getNamespace(), identity.getName());
        return new NamedEnd(workload(itself, identity, cluster), controller == null ? "" : controller.getName());
    }

    /**
     * The name of the workload behind a Service; the name of the Service itself if several workloads are behind it. It
     * is unknown which pod answered, so zone and region are set only if all pods of the Service have the same.
     */
    NamedEnd behind(Identity service, String cluster) {
        ObjectRef backend = service.getBackend();
        return backend == null || !traverseUpHierarchy
                ? of(service, cluster)
                : new NamedEnd(workload(backend, service, cluster));
    }

    /** The name of a process on a host that is no node of a known cluster. */
    static NamedEnd process(SocketProcess process) {
        OwnerName owner = process.name();
        String name = owner.name().isEmpty() ? process.command() : owner.name();
        return onHost(name, process, WorkloadKinds.ofName(owner.kind()));
    }

    /** The name of another process on the host of a process. */
    static NamedEnd processNextTo(SocketProcess process) {
        return onHost("", process, PROCESS);
    }

    private static NamedEnd onHost(String name, SocketProcess process, String kind) {
        String shown = name.isEmpty() ? UNKNOWN : name;
        return new NamedEnd(new Workload(shown, process.node(), kind, "", "", process.cluster()));
    }

    /** The name of an end whose identity is not known. */
    static NamedEnd unknown() {
        return new NamedEnd(new Workload(UNKNOWN, UNKNOWN, UNKNOWN, "", "", ""));
    }

    /** The name of an external end; without any name, its address is the name. */
    static NamedEnd external(@Nullable String name, ByteBuffer address) {
        String shown = name != null ? name : IpAddresses.format(IpAddresses.bytes(address));
        return new NamedEnd(new Workload(shown, EXTERNAL, EXTERNAL, "", "", ""));
    }

    private static Workload workload(ObjectRef object, Identity placed, String cluster) {
        return new Workload(
                object.getName(),
                object.getNamespace(),
                object.getKind(),
                placed.getZone(),
                placed.getRegion(),
                cluster);
    }
}
