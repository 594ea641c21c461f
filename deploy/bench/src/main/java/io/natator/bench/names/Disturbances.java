package io.natator.bench.names;

import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestCluster.Component;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Failures that the bench causes while the cluster changes. Each ends when an enricher leads and is ready again. */
final class Disturbances {
    /** A failure that the benchmark causes. */
    enum Disturbance {
        RESTART("SIGKILL of the API server"),
        COMPACTION("a compaction while the enrichers are stopped (410)"),
        KILL("SIGKILL of the leader"),
        STOP("SIGSTOP of the leader for longer than its Lease"),
        TOKEN("a token that expires"),
        RIGHTS("rights that are revoked and granted again");

        final String text;

        Disturbance(String text) {
            this.text = text;
        }
    }

    /** Shorter than a Lease, so that only the versions expire. */
    private static final Duration STOPPED = Duration.ofSeconds(2);

    private static final Duration API_DOWN = Duration.ofSeconds(2);
    private static final Duration WITHOUT_RIGHTS = Duration.ofSeconds(5);
    /** An enricher that can read a kind again has improved the names within this time. */
    private static final Duration IMPROVED_WITHIN = Duration.ofSeconds(5);

    private final TestCluster cluster;
    private final KubernetesApi api;
    private final EnricherChart chart;
    private final ServiceAccountTokens tokens;
    private final Enrichers enrichers;
    private final List<ProgressGaps.Gap> periods = new ArrayList<>();

    Disturbances(
            TestCluster cluster,
            KubernetesApi api,
            EnricherChart chart,
            ServiceAccountTokens tokens,
            Enrichers enrichers) {
        this.cluster = cluster;
        this.api = api;
        this.chart = chart;
        this.tokens = tokens;
        this.enrichers = enrichers;
    }

    /** Causes a failure. Returns the time until an enricher was ready again. */
    Duration cause(Disturbance what) throws InterruptedException {
        Instant began = Instant.now();
        switch (what) {
            case RESTART -> restartApiServer();
            case COMPACTION -> compact();
            case KILL -> killLeader();
            case STOP -> stopLeader();
            case TOKEN -> {
                tokens.letExpire();
                tokens.replaceAgain();
            }
            case RIGHTS -> revoke();
        }
        var _ = enrichers.awaitLeader();
        Instant over = Instant.now();
        periods.add(new ProgressGaps.Gap(began, over.plus(IMPROVED_WITHIN)));
        return Duration.between(began, over);
    }

    /** The periods of the failures so far. A pod that ends in one is named only as far as its controllers could be read. */
    List<ProgressGaps.Gap> periods() {
        return List.copyOf(periods);
    }

    private void restartApiServer() throws InterruptedException {
        cluster.kill(Component.KUBE_APISERVER);
        Thread.sleep(API_DOWN);
        cluster.restart(Component.KUBE_APISERVER);
    }

    /** Lets the versions that the enrichers know expire while the enrichers are stopped. */
    private void compact() throws InterruptedException {
        enrichers.all().forEach(pod -> pod.process().pause());
        Thread.sleep(STOPPED);
        cluster.compact();
        restartApiServer();
        cluster.compact();
        enrichers.all().forEach(pod -> pod.process().resume());
    }

    private void killLeader() {
        EnricherPod leader = enrichers.awaitLeader();
        leader.process().kill();
        enrichers.remove(leader);
        var _ = enrichers.awaitLeader();
        var _ = enrichers.start();
    }

    private void stopLeader() {
        EnricherPod leader = enrichers.awaitLeader();
        leader.process().pause();
        Waiting.until(
                "another enricher to lead",
                () -> enrichers.all().stream().anyMatch(pod -> pod != leader && pod.leads()));
        leader.process().resume();
        Waiting.until(
                "the stopped enricher to stand by",
                () -> leader.process().response("/readyz").contains("standing by"));
    }

    /** Revokes the rights and restarts the API server: it does not check the rights of watches that are open. */
    private void revoke() throws InterruptedException {
        chart.revoke(api);
        restartApiServer();
        Thread.sleep(WITHOUT_RIGHTS);
        chart.grant(api);
    }
}
