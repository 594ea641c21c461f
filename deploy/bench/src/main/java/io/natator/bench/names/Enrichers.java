package io.natator.bench.names;

import io.natator.testcluster.TestCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The running enrichers, which elect a leader among themselves by one Lease. Thread-safe. */
final class Enrichers implements AutoCloseable {
    private final TestCluster cluster;
    private final Path account;
    private final EnricherChart chart;
    private final List<String> options;
    private final List<EnricherPod> pods = new ArrayList<>();

    Enrichers(TestCluster cluster, Path account, EnricherChart chart, String bootstrapServers) {
        this.cluster = cluster;
        this.account = account;
        this.chart = chart;
        options = List.of("--bootstrap-servers", bootstrapServers);
    }

    /** Starts another enricher. */
    synchronized EnricherPod start() {
        var pod = new EnricherPod(cluster.server(), account, chart, options);
        pods.add(pod);
        return pod;
    }

    synchronized List<EnricherPod> all() {
        return List.copyOf(pods);
    }

    /** The enricher that writes, if the topic agrees with the cluster; empty if there is none. */
    Optional<EnricherPod> leader() {
        return all().stream().filter(EnricherPod::leads).findFirst();
    }

    EnricherPod awaitLeader() {
        return Waiting.forValue("an enricher to lead and be ready", this::leader, this::toString);
    }

    /** The highest resident memory that one of the enrichers has had so far, in MiB. */
    double maximumResident() {
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
        List<String> responses = new ArrayList<>();
        all().forEach(pod -> responses.add(pod.process().response("/readyz")));
        return responses.toString();
    }

    @Override
    public void close() {
        all().forEach(this::remove);
    }
}
