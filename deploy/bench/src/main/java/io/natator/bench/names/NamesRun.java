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
 * One run: a cluster with every kind of object that has an address, two enrichers, changes and disturbances. At the end it
 * compares the topic with the API and with the objects that the bench itself recorded.
 */
final class NamesRun {
    /**
     * The size of a run.
     *
     * @param churn the cluster changes for this long
     * @param pause between two changes
     * @param seed of the changes
     * @param tokenLifetime of the enrichers' tokens
     * @param disturbances in this order, evenly spread
     */
    record Size(
            int nodes,
            int pods,
            Duration churn,
            Duration pause,
            long seed,
            Duration tokenLifetime,
            List<Disturbance> disturbances) {}

    private static final Duration AGREEMENT_TIMEOUT = Duration.ofSeconds(90);
    /** The cluster is at rest if nothing has changed for this long. */
    private static final Duration AT_REST = Duration.ofSeconds(5);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(500);

    private final Size size;
    private final PrintStream out;
    private final long began = System.nanoTime();

    NamesRun(Size size, PrintStream out) {
        this.size = size;
        this.out = out;
    }

    /** A control plane whose controllers are not slowed down by their own rate limits, and whose pods start as on a kubelet. */
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

    /** Runs and compares. */
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
        var chart = new EnricherChart(api.version());
        chart.install(api);
        recorder.start();
        new InitialCluster(api, size.nodes(), size.pods()).create();
        Waiting.until("the pods' addresses", () -> podsWithoutAddress(recorder) == 0);
        say("%,d nodes, %,d pods, %,d Services"
                .formatted(
                        recorder.existing(RecordedKind.NODE).size(),
                        recorder.existing(RecordedKind.POD).size(),
                        recorder.existing(RecordedKind.SERVICE).size()));
        try (var tokens = new ServiceAccountTokens(api, cluster, folder.resolve("account"), size.tokenLifetime());
                var enrichers = new Enrichers(cluster, tokens.folder(), chart, kafka.bootstrapServers());
                var gaps = new ProgressGaps(kafka.bootstrapServers());
                var topic = new IdentityTable(kafka.bootstrapServers())) {
            var _ = enrichers.start();
            var _ = enrichers.start();
            var _ = enrichers.awaitLeader();
            say("an enricher is ready");
            var disturbances = new Disturbances(cluster, api, chart, tokens, enrichers);
            var changes = new ClusterChanges(api, recorder, size.nodes(), size.seed(), size.pause(), false);
            try (changes) {
                changes.start();
                disturb(disturbances);
            }
            say("changed: " + changes.summary());
            awaitRest(recorder);
            Findings findings = awaitAgreement(api, recorder, topic, disturbances.periods());
            Instant asOf = gaps.completeAsOf();
            topic.refresh();
            findings.add(PastComparison.of(recorder, topic, gaps.gaps(), asOf));
            findings.count("events that the bench received", (int) recorder.events());
            findings.count("records in the topic", (int) topic.read());
            findings.count("MiB resident memory of an enricher (maximum)", (int) enrichers.maximumResident());
            return findings;
        }
    }

    private static long podsWithoutAddress(Recorder recorder) {
        return recorder.existing(RecordedKind.POD).stream()
                .filter(pod -> pod.fields.lifetime().running() == null)
                .count();
    }

    private void disturb(Disturbances disturbances) throws InterruptedException {
        long end = System.nanoTime() + size.churn().toNanos();
        Duration calm = size.churn().dividedBy(size.disturbances().size() + 1L);
        for (Disturbance what : size.disturbances()) {
            Thread.sleep(calm.dividedBy(2));
            say(what.text + " ...");
            Duration took = disturbances.cause(what);
            say("... over after %.1f s".formatted(took.toMillis() / 1000.0));
        }
        Thread.sleep(Math.max(0, Duration.ofNanos(end - System.nanoTime()).toMillis()));
    }

    /** Waits until the cluster is at rest, at most as long as it changed: pods of lost nodes are deleted a minute later. */
    private void awaitRest(Recorder recorder) {
        long from = System.nanoTime();
        while (recorder.lastChange().isAfter(Instant.now().minus(AT_REST))
                && System.nanoTime() - from < size.churn().toNanos()) {
            Machine.pause(POLL_INTERVAL);
        }
    }

    /** Compares until the topic agrees with the API, or a timeout. */
    private Findings awaitAgreement(
            KubernetesApi api, Recorder recorder, IdentityTable topic, List<ProgressGaps.Gap> failures) {
        long from = System.nanoTime();
        while (true) {
            ApiSnapshot snapshot = ApiSnapshot.of(api, recorder);
            topic.refresh();
            Findings findings = PresentComparison.of(snapshot, recorder, topic, failures);
            if (findings.wrong().isEmpty() || System.nanoTime() - from > AGREEMENT_TIMEOUT.toNanos()) {
                say("compared %.1f s after the last change".formatted((System.nanoTime() - from) / 1e9));
                return findings;
            }
            Machine.pause(POLL_INTERVAL);
        }
    }

    private void say(String line) {
        out.printf("%6.1f s  %s%n", (System.nanoTime() - began) / 1e9, line);
        out.flush();
    }
}
