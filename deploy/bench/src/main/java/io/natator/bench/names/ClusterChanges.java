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

/** Changes the cluster all the time, at random: rollouts, scaling, deletions, namespaces and nodes that go and come. */
final class Churn implements AutoCloseable {
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
     * @param pause between two changes
     * @param rolloutsOnly nothing but rollouts
     */
    Churn(KubernetesApi api, Recorder recorder, int nodes, long seed, Duration pause, boolean rolloutsOnly) {
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
            any(WatchedKind.DEPLOYMENT).ifPresent(this::rollOut);
        } else if (dice < 40) {
            any(WatchedKind.DEPLOYMENT).ifPresent(this::scale);
        } else if (dice < 60) {
            any(WatchedKind.POD).ifPresent(this::deletePod);
        } else if (dice < 70) {
            barePod();
        } else if (dice < 76) {
            job();
        } else if (dice < 80) {
            any(WatchedKind.STATEFUL_SET).ifPresent(this::rollOut);
        } else if (dice < 84) {
            any(WatchedKind.REPLICA_SET)
                    .filter(set -> set.name.endsWith("-5f7"))
                    .ifPresent(this::scale);
        } else if (dice < 88) {
            any(WatchedKind.SERVICE).ifPresent(this::replaceService);
        } else if (dice < 91) {
            any(WatchedKind.DEPLOYMENT).ifPresent(this::orphan);
        } else if (dice < 95) {
            node();
        } else if (dice < 98) {
            namespace();
        } else {
            any(WatchedKind.DAEMON_SET).ifPresent(this::rollOut);
        }
    }

    private void count(String what) {
        done.merge(what, 1, Integer::sum);
    }

    private java.util.Optional<Seen> any(WatchedKind kind) {
        List<Seen> there = recorder.existing(kind).stream()
                .filter(seen -> seen.namespace.startsWith(Population.NAMESPACE) || seen.namespace.startsWith(BRIEF))
                .toList();
        return there.isEmpty()
                ? java.util.Optional.empty()
                : java.util.Optional.of(there.get(random.nextInt(there.size())));
    }

    private static String path(Seen seen) {
        int end = seen.kind.path.lastIndexOf('/');
        return seen.kind.path.substring(0, end) + "/namespaces/" + seen.namespace + seen.kind.path.substring(end) + "/"
                + seen.name;
    }

    private void rollOut(Seen workload) {
        count("rollouts");
        api.merge(
                path(workload),
                "{\"spec\": {\"template\": {\"metadata\": {\"annotations\": {\"revision\": \""
                        + number.incrementAndGet() + "\"}}}}}");
    }

    private void scale(Seen workload) {
        count("scalings");
        api.merge(path(workload), "{\"spec\": {\"replicas\": " + random.nextInt(13) + "}}");
    }

    private void deletePod(Seen pod) {
        count("pods deleted");
        recorder.isToGo(WatchedKind.POD, pod.namespace, pod.name);
        api.delete(path(pod), random.nextInt(4) == 0 ? AT_ONCE : "{}");
        if (!pod.essence.configHash().isEmpty()) {
            Population.staticPod(api, pod.namespace, pod.essence.node(), pod.essence.hostNetwork());
        }
    }

    private void barePod() {
        count("bare pods");
        String namespace = Population.NAMESPACE + "0";
        boolean named = random.nextBoolean();
        String metadata = named ? Manifests.named("single-" + random.nextInt(20)) : Manifests.generated("made-");
        api.create(CORE + namespace + "/pods", Manifests.pod(metadata, "single", ""));
    }

    private void job() {
        count("jobs");
        api.create(
                "/apis/batch/v1/namespaces/" + Population.NAMESPACE + "0/jobs",
                Manifests.job("job-" + number.incrementAndGet(), 1 + random.nextInt(6)));
    }

    private void replaceService(Seen service) {
        count("Services replaced");
        recorder.isToGo(WatchedKind.SERVICE, service.namespace, service.name);
        api.delete(path(service));
        api.create(
                CORE + service.namespace + "/services",
                Manifests.service(
                        service.name,
                        Manifests.selecting(service.name)
                                + (random.nextBoolean() ? "\"type\": \"LoadBalancer\", " : "")
                                + Manifests.Families.of(random.nextInt(4)).ofService() + ", "));
    }

    /** Deletes a Deployment and leaves its ReplicaSets and pods; another one of its name adopts them. */
    private void orphan(Seen deployment) {
        count("Deployments replaced above their pods");
        api.delete(path(deployment), "{\"propagationPolicy\": \"Orphan\"}");
        api.create(
                APPS + deployment.namespace + "/deployments",
                Manifests.replicated(deployment.name, "", 1 + random.nextInt(8)));
    }

    /** A node goes, and some time later another one comes in its place, under its name or another one. */
    private void node() {
        if (missingNodes.size() > nodes / 20 || (!missingNodes.isEmpty() && random.nextBoolean())) {
            int slot = missingNodes.removeFirst();
            String name = Population.nodeName(slot) + (random.nextBoolean() ? "" : "-" + number.incrementAndGet());
            api.create("/api/v1/nodes", Manifests.node(name, slot));
            count("nodes added");
            return;
        }
        List<Seen> there = recorder.existing(WatchedKind.NODE);
        Seen node = there.get(random.nextInt(there.size()));
        int slot = Integer.parseInt(node.name.split("-")[1]);
        if (missingNodes.contains(slot)) {
            return;
        }
        recorder.isToGo(WatchedKind.NODE, "", node.name);
        api.delete(WatchedKind.NODE.path + "/" + node.name);
        missingNodes.add(slot);
        count("nodes deleted");
    }

    private void namespace() {
        String name = BRIEF + random.nextInt(BRIEF_NAMESPACES);
        boolean exists = api.find("/api/v1/namespaces/" + name).isPresent();
        if (exists) {
            recorder.namespaceIsToGo(name);
            api.delete("/api/v1/namespaces/" + name);
            count("namespaces deleted");
            return;
        }
        Population.createNamespace(api, name);
        api.create(APPS + name + "/deployments", Manifests.replicated("brief", "", 6));
        api.create(CORE + name + "/services", Manifests.service("brief", Manifests.selecting("brief")));
        api.create(APPS + name + "/statefulsets", Manifests.statefulSet("store", 2));
        count("namespaces added");
    }

    /** What was changed how often, in one line. */
    String summary() {
        List<String> parts = new ArrayList<>();
        done.forEach((what, times) -> parts.add(times + " " + what));
        return String.join(", ", parts);
    }

    /** Stops it, and what the cluster does by itself at intervals. */
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
        for (Seen cronJob : recorder.existing(WatchedKind.CRON_JOB)) {
            api.merge(path(cronJob), "{\"spec\": {\"suspend\": true}}");
        }
    }
}
