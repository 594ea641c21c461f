package io.natator.enricher.cluster;

import io.natator.enricher.ownership.ReconciledKind;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The kinds of objects that are listed and watched. For controllers, only the metadata is requested. */
public enum WatchedKind {
    NODE("", "v1", "nodes", "Node", false, ReconciledKind.NODE),
    REPLICA_SET("apps", "v1", "replicasets", "ReplicaSet", true, null),
    DEPLOYMENT("apps", "v1", "deployments", "Deployment", true, null),
    STATEFUL_SET("apps", "v1", "statefulsets", "StatefulSet", true, null),
    DAEMON_SET("apps", "v1", "daemonsets", "DaemonSet", true, null),
    JOB("batch", "v1", "jobs", "Job", true, null),
    CRON_JOB("batch", "v1", "cronjobs", "CronJob", true, null),
    REPLICATION_CONTROLLER("", "v1", "replicationcontrollers", "ReplicationController", true, null),
    SERVICE("", "v1", "services", "Service", true, ReconciledKind.SERVICE),
    ENDPOINT_SLICE("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true, ReconciledKind.ENDPOINT_SLICE),
    /** Pods are listed last, so that their nodes and controllers are known by then. */
    POD("", "v1", "pods", "Pod", true, ReconciledKind.POD);

    private final String group;
    private final String version;
    private final String plural;
    private final String kind;
    private final boolean namespaced;
    private final @Nullable ReconciledKind reconciled;

    WatchedKind(
            String group,
            String version,
            String plural,
            String kind,
            boolean namespaced,
            @Nullable ReconciledKind reconciled) {
        this.group = group;
        this.version = version;
        this.plural = plural;
        this.kind = kind;
        this.namespaced = namespaced;
        this.reconciled = reconciled;
    }

    /** The path at which the kind is served. */
    ApiResourcePath resourcePath() {
        return new ApiResourcePath(apiVersion(), plural, namespaced);
    }

    /** The path of the kind's collection in one namespace, or in all namespaces if {@code namespace} is empty. */
    String path(String namespace) {
        return resourcePath().collection(namespace);
    }

    /** Kubernetes' name of the kind, such as {@code ReplicaSet}. */
    public String kind() {
        return kind;
    }

    /** Group and version, such as {@code apps/v1}. */
    String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /** The resource as RBAC rules and kubectl name it, such as {@code replicasets.apps}. */
    public String resource() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    /** The namespaces in which the kind is listed. An empty name means all namespaces. */
    List<String> namespacesAmong(List<String> namespaces) {
        return namespaces.isEmpty() || !namespaced ? List.of("") : namespaces;
    }

    boolean isController() {
        return reconciled == null;
    }

    /** This kind as a kind of owners of addresses; empty for controllers, which own no addresses. */
    Optional<ReconciledKind> reconciled() {
        return Optional.ofNullable(reconciled);
    }
}
