package io.natator.topology.identity;

import static io.natator.topology.identity.IdentityKinds.isNode;

import io.natator.schemas.Identity;
import io.natator.schemas.IpAddresses;
import io.natator.schemas.ObjectRef;
import io.natator.schemas.Workload;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Names workloads after identities, processes and addresses. Pure.
 *
 * @param traverseUpHierarchy true to name a pod after its top controller, false to name it after itself
 */
record WorkloadNames(boolean traverseUpHierarchy) {
    private static final String EXTERNAL = "external";
    private static final String PROCESS = "process";
    private static final String NODE = "node";

    /**
     * One end of a link.
     *
     * @param controller name of the pod's direct controller if the end is named after the pod itself, else empty
     */
    record NamedEnd(Workload workload, String controller) {
        NamedEnd(Workload workload) {
            this(workload, "");
        }

        boolean isExternal() {
            return workload.getKind().equals(EXTERNAL);
        }
    }

    /** The workload of a pod, node, Service or other object. */
    NamedEnd of(Identity identity) {
        if (isNode(identity)) {
            return new NamedEnd(new Workload(identity.getName(), NODE, NODE, identity.getZone(), identity.getRegion()));
        }
        if (traverseUpHierarchy) {
            return new NamedEnd(workload(identity.getWorkload(), identity));
        }
        ObjectRef controller = identity.getOwner();
        var itself = new ObjectRef(identity.getKind(), identity.getNamespace(), identity.getName());
        return new NamedEnd(workload(itself, identity), controller == null ? "" : controller.getName());
    }

    /**
     * The one workload behind a Service, or the Service itself if there are several. The pod that answered is unknown,
     * so the workload has the Service's zone and region: those that all its pods have in common.
     */
    NamedEnd behind(Identity service) {
        ObjectRef backend = service.getBackend();
        return backend == null || !traverseUpHierarchy ? of(service) : new NamedEnd(workload(backend, service));
    }

    /** A process on a host that is no node of a known cluster. */
    static NamedEnd process(String command, String host) {
        return new NamedEnd(new Workload(command.isEmpty() ? "unknown" : command, host, PROCESS, "", ""));
    }

    /** An external address, by its name if it has one. */
    static NamedEnd external(@Nullable String name, ByteBuffer address) {
        String shown = name != null ? name : IpAddresses.format(IpAddresses.bytes(address));
        return new NamedEnd(new Workload(shown, EXTERNAL, EXTERNAL, "", ""));
    }

    private static Workload workload(ObjectRef object, Identity placed) {
        return new Workload(
                object.getName(), object.getNamespace(), object.getKind(), placed.getZone(), placed.getRegion());
    }
}
