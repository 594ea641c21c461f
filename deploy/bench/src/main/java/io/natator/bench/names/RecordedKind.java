package io.natator.bench.names;

/** The kinds of objects that decide who owns which address, with their paths in the API. */
enum RecordedKind {
    NODE("v1", "Node", "/api/v1/nodes"),
    SERVICE("v1", "Service", "/api/v1/services"),
    ENDPOINT_SLICE("discovery.k8s.io/v1", "EndpointSlice", "/apis/discovery.k8s.io/v1/endpointslices"),
    POD("v1", "Pod", "/api/v1/pods"),
    REPLICATION_CONTROLLER("v1", "ReplicationController", "/api/v1/replicationcontrollers"),
    REPLICA_SET("apps/v1", "ReplicaSet", "/apis/apps/v1/replicasets"),
    DEPLOYMENT("apps/v1", "Deployment", "/apis/apps/v1/deployments"),
    STATEFUL_SET("apps/v1", "StatefulSet", "/apis/apps/v1/statefulsets"),
    DAEMON_SET("apps/v1", "DaemonSet", "/apis/apps/v1/daemonsets"),
    JOB("batch/v1", "Job", "/apis/batch/v1/jobs"),
    CRON_JOB("batch/v1", "CronJob", "/apis/batch/v1/cronjobs"),
    /** A custom controller that the enricher is allowed to read. */
    ROLLOUT(CustomKinds.GROUP + "/v1", "Rollout", "/apis/" + CustomKinds.GROUP + "/v1/rollouts"),
    /** A custom controller that the enricher is not allowed to read. */
    SECRET_ROLLOUT(CustomKinds.GROUP + "/v1", "SecretRollout", "/apis/" + CustomKinds.GROUP + "/v1/secretrollouts");

    final String apiVersion;
    final String kind;
    final String path;

    RecordedKind(String apiVersion, String kind, String path) {
        this.apiVersion = apiVersion;
        this.kind = kind;
        this.path = path;
    }

    /** The name of the resource in the API, such as {@code replicasets}. */
    String resource() {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
