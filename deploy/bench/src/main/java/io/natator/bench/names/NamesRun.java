package io.natator.bench.names;

import io.natator.bench.Machine;
import io.natator.bench.names.Disturbances.Disturbance;
import io.natator.local.EmbeddedKafka;
import io.natator.testcluster.TestCluster;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A cluster with all that has an address, two enrichers, changes and disturbances; at the end the topic against the API and
 * against what the bench's own watches have seen.
 */
final class NamesRun {
    /**
     * How large and how long.
     *
     * @param churn how long the cluster changes
     * @param pause between two changes
     * @param seed of the changes
     * @param tokenLifetime of the enrichers' tokens
     * @param disturbances in this order, spread over the time
     */
    record Size(
            int nodes,
            int pods,
            Duration churn,
            Duration pause,
            long seed,
            Duration tokenLifetime,
            List<Disturbance> disturbances) {}

    private static final Duration UNTIL_EQUAL = Duration.ofSeconds(90);
    private static final Duration AT_REST = Duration.ofSeconds(5);
    /** What is older than this has been written by an enricher that follows. */
    private static final Duration WRITTEN_WITHIN = Duration.ofSeconds(10);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    private final Size size;
    private final PrintStream out;
    private final long began = System.nanoTime();

    NamesRun(Size size, PrintStream out) {
        this.size = size;
        this.out = out;
    }

    /** A control plane whose controllers do not wait for themselves and whose pods come to life as kubelets do it. */
    static TestCluster startCluster(Path folder, String... more) throws IOException {
        Path stages = folder.resolve("stages.yaml");
        try (InputStream resource = NamesRun.class.getResourceAsStream("/names/stages.yaml")) {
            if (resource == null) {
                throw new IllegalStateException("the stages are missing");
            }
            Files.copy(resource, stages);
        }
        List<String> options = new java.util.ArrayList<>(List.of(
                "--stages=" + stages,
                "--controller-manager-flag=--allocate-node-cidrs=false",
                "--controller-manager-flag=--kube-api-qps=500",
                "--controller-manager-flag=--kube-api-burst=1000",
                "--controller-manager-flag=--concurrent-namespace-syncs=5",
                "--scheduler-flag=--kube-api-qps=500",
                "--scheduler-flag=--kube-api-burst=1000"));
        options.addAll(List.of(more));
        return TestCluster.start(options.toArray(String[]::new));
    }

    /** Runs it and returns what was found. */
    Findings run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("natator-bench-names");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0);
                TestCluster cluster = startCluster(folder);
                var api = new KubernetesApi(cluster);
                var recorder = new Recorder(api)) {
            say("the control plane runs");
            return run(folder, kafka, cluster, api, recorder);
        } finally {
            Machine.delete(folder);
        }
    }

    private Findings run(Path folder, EmbeddedKafka kafka, TestCluster cluster, KubernetesApi api, Recorder recorder)
            throws InterruptedException {
        CustomKinds.define(api);
        var chart = new ChartRights(api.version());
        chart.install(api);
        recorder.start();
        new Population(api, size.nodes(), size.pods()).create();
        Waiting.until("the pods to have addresses", () -> waitingForAddresses(recorder) == 0);
        say("%,d nodes, %,d pods, %,d Services"
                .formatted(
                        recorder.existing(WatchedKind.NODE).size(),
                        recorder.existing(WatchedKind.POD).size(),
                        recorder.existing(WatchedKind.SERVICE).size()));
        try (var tokens = new ServiceAccountTokens(api, cluster, folder.resolve("account"), size.tokenLifetime());
                var enrichers = new Enrichers(cluster, tokens.folder(), chart, kafka.bootstrapServers());
                var topic = new IdentityTable(kafka.bootstrapServers())) {
            var _ = enrichers.start();
            var _ = enrichers.start();
            var _ = enrichers.awaitLeader();
            say("an enricher is ready");
            var following = new Following(enrichers);
            var disturbances = new Disturbances(cluster, api, chart, tokens, enrichers, following);
            var churn = new Churn(api, recorder, size.nodes(), size.seed(), size.pause(), false);
            try (following;
                    churn) {
                churn.start();
                disturb(disturbances);
            }
            say("changed: " + churn.summary());
            awaitRest(recorder);
            Findings findings = awaitAgreement(api, recorder, topic, following.gaps());
            Instant asOf = Instant.now().minus(WRITTEN_WITHIN);
            topic.refresh();
            findings.add(PastComparison.of(recorder, topic, following.gaps(), asOf));
            findings.count("events that the bench received", (int) recorder.events());
            findings.count("records in the topic", (int) topic.read());
            findings.count("MiB resident of an enricher at most", (int) enrichers.residentAtMost());
            return findings;
        }
    }

    private static long waitingForAddresses(Recorder recorder) {
        return recorder.existing(WatchedKind.POD).stream()
                .filter(pod -> pod.essence.running() == null)
                .count();
    }

    private void disturb(Disturbances disturbances) throws InterruptedException {
        long end = System.nanoTime() + size.churn().toNanos();
        Duration calm = size.churn().dividedBy(size.disturbances().size() + 1L);
        for (Disturbance what : size.disturbances()) {
            Thread.sleep(calm.dividedBy(2));
            say(what.text + " ...");
            Duration took = disturbances.happen(what);
            say("... over after %.1f s".formatted(took.toMillis() / 1000.0));
        }
        Thread.sleep(Math.max(0, Duration.ofNanos(end - System.nanoTime()).toMillis()));
    }

    /** The cluster comes to rest, within as long as it has changed: pods of lost nodes are deleted a minute later. */
    private void awaitRest(Recorder recorder) {
        long from = System.nanoTime();
        while (recorder.lastChange().isAfter(Instant.now().minus(AT_REST))
                && System.nanoTime() - from < size.churn().toNanos()) {
            Machine.pause(BETWEEN_LOOKS);
        }
    }

    /** The topic says what the API says, if it ever does. */
    private Findings awaitAgreement(
            KubernetesApi api, Recorder recorder, IdentityTable topic, List<Following.Gap> gaps) {
        long from = System.nanoTime();
        while (true) {
            Snapshot snapshot = Snapshot.of(api, recorder);
            topic.refresh();
            Findings findings = PresentComparison.of(snapshot, recorder, topic, gaps);
            if (findings.wrong().isEmpty() || System.nanoTime() - from > UNTIL_EQUAL.toNanos()) {
                say("compared %.1f s after the last change".formatted((System.nanoTime() - from) / 1e9));
                return findings;
            }
            Machine.pause(BETWEEN_LOOKS);
        }
    }

    private void say(String line) {
        out.printf("%6.1f s  %s%n", (System.nanoTime() - began) / 1e9, line);
        out.flush();
    }
}
