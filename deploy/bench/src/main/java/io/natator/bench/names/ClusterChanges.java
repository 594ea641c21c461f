package io.natator.bench.names;

import io.natator.bench.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Changes the cluster at random: rollouts, scaling, deletions, namespaces and nodes that are deleted and created. */
final class ClusterChanges implements AutoCloseable {
    private static final String APPS = "/apis/apps/v1/namespaces/";
    private static final String CORE = "/api/v1/namespaces/";
    private static final String AT_ONCE = "{\"gracePeriodSeconds\": 0}";
    private static final String BRIEF = "brief-";
    private static final int BRIEF_NAMESPACES = 3;

    private final KubernetesApi api;
    private final Recorder recorder;
    private final Random random;
    private final Duration pause;
    private final boolean rolloutsOnly;
    private final int nodes;
    private final Map<String, Integer> done = new TreeMap<>();
    private final AtomicInteger number = new AtomicInteger();
    private final List<Integer> missingNodes = new ArrayList<>();
    private @Nullable Thread thread;
    private @Nullable RuntimeException failure;
    private volatile boolean closed;

    /**
     * @param pause time between two changes
     * @param rolloutsOnly true to make no other changes than rollouts
     */
    ClusterChanges(KubernetesApi api, Recorder recorder, int nodes, long seed, Duration pause, boolean rolloutsOnly) {
        this.api = api;
        this.recorder = recorder;
        this.nodes = nodes;
        this.random = new Random(seed);
        this.pause = pause;
        this.rolloutsOnly = rolloutsOnly;
    }

    void start() {
        thread = Thread.ofPlatform().daemon().name("churn").start(this::run);
    }

    private void run() {
        try {
            while (!closed) {
                change();
                Machine.pause(pause);
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void change() {
        int dice = rolloutsOnly ? 0 : random.nextInt(100);
        if (dice < 25) {
            any(RecordedKind.DEPLOYMENT).ifPresent(this::rollOut);
        } else if (dice < 40) {
            any(RecordedKind.DEPLOYMENT).ifPresent(this::scale);
        } else if (dice < 60) {
            any(RecordedKind.POD).ifPresent(this::deletePod);
        } else if (dice < 70) {
            barePod();
        } else if (dice < 76) {
            job();
        } else if (dice < 80) {
            any(RecordedKind.STATEFUL_SET).ifPresent(this::rollOut);
        } else if (dice < 84) {
            any(RecordedKind.REPLICA_SET)
                    .filter(set -> set.name.endsWith("-5f7"))
                    .ifPresent(this::scale);
        } else if (dice < 88) {
            any(RecordedKind.SERVICE).ifPresent(this::replaceService);
        } else if (dice < 91) {
            any(RecordedKind.DEPLOYMENT).ifPresent(this::orphan);
        } else if (dice < 95) {
            node();
        } else if (dice < 98) {
            namespace();
        } else {
            any(RecordedKind.DAEMON_SET).ifPresent(this::rollOut);
        }
    }

    private void count(String what) {
        done.merge(what, 1, Integer::sum);
    }

    private java.util.Optional<RecordedObject> any(RecordedKind kind) {
        List<RecordedObject> there = recorder.existing(kind).stream()
                .filter(seen -> seen.namespace.startsWith(InitialCluster.NAMESPACE) || seen.namespace.startsWith(BRIEF))
                .toList();
        return there.isEmpty()
                ? java.util.Optional.empty()
                : java.util.Optional.of(there.get(random.nextInt(there.size())));
    }

    private static String path(RecordedObject seen) {
        int end = seen.kind.path.lastIndexOf('/');
        return seen.kind.path.substring(0, end) + "/namespaces/" + seen.namespace + seen.kind.path.substring(end) + "/"
                + seen.name;
    }

    private void rollOut(RecordedObject workload) {
        count("rollouts");
        api.merge(
                path(workload),
                "{\"spec\": {\"template\": {\"metadata\": {\"annotations\": {\"revision\": \""
                        + number.incrementAndGet() + "\"}}}}}");
    }

    private void scale(RecordedObject workload) {
        count("scalings");
        api.merge(path(workload), "{\"spec\": {\"replicas\": " + random.nextInt(13) + "}}");
    }

    private void deletePod(RecordedObject pod) {
        count("pods deleted");
        recorder.beforeDeletion(RecordedKind.POD, pod.namespace, pod.name);
        api.delete(path(pod), random.nextInt(4) == 0 ? AT_ONCE : "{}");
        if (!pod.fields.pod().configHash().isEmpty()) {
            InitialCluster.staticPod(
                    api,
                    pod.namespace,
                    pod.fields.pod().node(),
                    pod.fields.pod().hostNetwork());
        }
    }

    private void barePod() {
        count("bare pods");
        String namespace = InitialCluster.NAMESPACE + "0";
        boolean named = random.nextBoolean();
        String metadata = named ? Manifests.named("single-" + random.nextInt(20)) : Manifests.generated("made-");
        api.create(CORE + namespace + "/pods", Manifests.pod(metadata, "single", ""));
    }

    private void job() {
        count("jobs");
        api.create(
                "/apis/batch/v1/namespaces/" + InitialCluster.NAMESPACE + "0/jobs",
                Manifests.job("job-" + number.incrementAndGet(), 1 + random.nextInt(6)));
    }

    private void replaceService(RecordedObject service) {
        count("Services replaced");
        recorder.beforeDeletion(RecordedKind.SERVICE, service.namespace, service.name);
        api.delete(path(service));
        api.create(
                CORE + service.namespace + "/services",
                Manifests.service(
                        service.name,
                        Manifests.selecting(service.name)
                                + (random.nextBoolean() ? "\"type\": \"LoadBalancer\", " : "")
                                + Manifests.Families.of(random.nextInt(4)).ofService() + ", "));
    }

    /**
     * Deletes a Deployment without its ReplicaSets and pods, and creates a new Deployment of the same name, which
     * becomes their controller.
     */
    private void orphan(RecordedObject deployment) {
        count("Deployments replaced above their pods");
        api.delete(path(deployment), "{\"propagationPolicy\": \"Orphan\"}");
        api.create(
                APPS + deployment.namespace + "/deployments",
                Manifests.replicated(deployment.name, "", 1 + random.nextInt(8)));
    }

    /** Deletes a node. Some time later, creates a new node, under the same name or under another one. */
    private void node() {
        if (missingNodes.size() > nodes / 20 || (!missingNodes.isEmpty() && random.nextBoolean())) {
            int slot = missingNodes.removeFirst();
            String name = InitialCluster.nodeName(slot) + (random.nextBoolean() ? "" : "-" + number.incrementAndGet());
            api.create("/api/v1/nodes", Manifests.node(name, slot));
            count("nodes added");
            return;
        }
        List<RecordedObject> there = recorder.existing(RecordedKind.NODE);
        RecordedObject node = there.get(random.nextInt(there.size()));
        int slot = Integer.parseInt(node.name.split("-")[1]);
        if (missingNodes.contains(slot)) {
            return;
        }
        recorder.beforeDeletion(RecordedKind.NODE, "", node.name);
        api.delete(RecordedKind.NODE.path + "/" + node.name);
        missingNodes.add(slot);
        count("nodes deleted");
    }

    private void namespace() {
        String name = BRIEF + random.nextInt(BRIEF_NAMESPACES);
        boolean exists = api.find("/api/v1/namespaces/" + name).isPresent();
        if (exists) {
            recorder.beforeDeletionOfNamespace(name);
            api.delete("/api/v1/namespaces/" + name);
            count("namespaces deleted");
            return;
        }
        InitialCluster.createNamespace(api, name);
        api.create(APPS + name + "/deployments", Manifests.replicated("brief", "", 6));
        api.create(CORE + name + "/services", Manifests.service("brief", Manifests.selecting("brief")));
        api.create(APPS + name + "/statefulsets", Manifests.statefulSet("store", 2));
        count("namespaces added");
    }

    /** The number of changes of each kind so far, in one line. */
    String summary() {
        List<String> parts = new ArrayList<>();
        done.forEach((what, times) -> parts.add(times + " " + what));
        return String.join(", ", parts);
    }

    /** Stops the changes, and also those that the cluster makes itself, such as CronJobs. */
    @Override
    public void close() {
        closed = true;
        try {
            if (thread != null) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IllegalStateException("a change failed: " + failure.getMessage(), failure);
        }
        for (RecordedObject cronJob : recorder.existing(RecordedKind.CRON_JOB)) {
            api.merge(path(cronJob), "{\"spec\": {\"suspend\": true}}");
        }
    }
}
