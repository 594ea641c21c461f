package io.natator.bench.names;

import io.natator.testcluster.TestCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The enrichers that stand for election by one Lease. Thread-safe. */
final class Enrichers implements AutoCloseable {
    private final TestCluster cluster;
    private final Path account;
    private final ChartRights chart;
    private final List<String> options;
    private final List<EnricherPod> pods = new ArrayList<>();

    Enrichers(TestCluster cluster, Path account, ChartRights chart, String bootstrapServers) {
        this.cluster = cluster;
        this.account = account;
        this.chart = chart;
        options = List.of("--bootstrap-servers", bootstrapServers);
    }

    /** Starts another one. */
    synchronized EnricherPod start() {
        var pod = new EnricherPod(cluster.server(), account, chart, options);
        pods.add(pod);
        return pod;
    }

    synchronized List<EnricherPod> all() {
        return List.copyOf(pods);
    }

    /** The one that writes while the topic agrees with the cluster. */
    Optional<EnricherPod> leader() {
        return all().stream().filter(EnricherPod::leads).findFirst();
    }

    EnricherPod awaitLeader() {
        return Waiting.forIt("an enricher to lead and be ready", this::leader, this::toString);
    }

    /** The most that any of them has had in memory, in MiB. */
    double residentAtMost() {
        return all().stream()
                .filter(pod -> pod.process().isAlive())
                .mapToDouble(pod -> pod.process().residentMebibytes("VmHWM"))
                .max()
                .orElse(0);
    }

    synchronized void remove(EnricherPod pod) {
        pods.remove(pod);
        pod.close();
    }

    @Override
    public String toString() {
        List<String> answers = new ArrayList<>();
        all().forEach(pod -> answers.add(pod.process().answer("/readyz")));
        return answers.toString();
    }

    @Override
    public void close() {
        all().forEach(this::remove);
    }
}
