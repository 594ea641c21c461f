package io.natator.topology.identity;

import io.natator.schemas.NameKind;
import io.natator.schemas.Workload;

/** The kinds of workloads that Natator defines itself, besides the kinds of Kubernetes. */
public final class WorkloadKinds {
    /**
     * Kind and namespace of an end outside all known clusters. The name of such an end is a host name, an address or an
     * address prefix.
     */
    static final String EXTERNAL = "external";

    /**
     * Kind of a process on a host that is no node of a known cluster. The namespace of such a workload is the name of
     * the host.
     */
    static final String PROCESS = "process";

    /** Kind of a systemd service on such a host. */
    static final String UNIT = "unit";

    /** Kind of a container on such a host, which no orchestrator runs. */
    static final String CONTAINER = "container";

    /** Kind of a task that Nomad or ECS runs on such a host. */
    static final String TASK = "task";

    /** Kind and namespace of a node. */
    static final String NODE = "node";

    /** Name, namespace and kind of an end whose identity is not known. */
    static final String UNKNOWN = "unknown";

    private WorkloadKinds() {}

    /** The kind of a workload outside Kubernetes whose name has the given kind. */
    static String ofName(NameKind kind) {
        return switch (kind) {
            case NONE, UNRESOLVED, PROCESS -> PROCESS;
            case UNIT -> UNIT;
            case CONTAINER -> CONTAINER;
            case TASK -> TASK;
        };
    }

    /** Whether a workload is outside all known clusters and hosts. */
    public static boolean isExternal(Workload workload) {
        return EXTERNAL.equals(workload.getKind());
    }
}
