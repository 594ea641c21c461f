package io.natator.bench.names;

import io.natator.testcluster.TestCluster;
import io.natator.testcluster.TestCluster.Component;
import java.time.Duration;
import java.time.Instant;

/** What goes wrong while the cluster changes. Each returns when an enricher leads and is ready again. */
final class Disturbances {
    /** What may go wrong. */
    enum Disturbance {
        RESTART("SIGKILL of the API server"),
        COMPACTION("a compaction while the enrichers are stopped (410)"),
        KILL("SIGKILL of the leader"),
        STOP("SIGSTOP of the leader for longer than its Lease"),
        TOKEN("a token that expires"),
        RIGHTS("rights taken away and given back");

        final String text;

        Disturbance(String text) {
            this.text = text;
        }
    }

    /** Less than a Lease lasts, so that nothing but the version expires. */
    private static final Duration STOPPED = Duration.ofSeconds(2);

    private static final Duration API_AWAY = Duration.ofSeconds(2);
    private static final Duration WITHOUT_RIGHTS = Duration.ofSeconds(5);

    private final TestCluster cluster;
    private final KubernetesApi api;
    private final ChartRights chart;
    private final ServiceAccountTokens tokens;
    private final Enrichers enrichers;
    private final Following following;

    Disturbances(
            TestCluster cluster,
            KubernetesApi api,
            ChartRights chart,
            ServiceAccountTokens tokens,
            Enrichers enrichers,
            Following following) {
        this.cluster = cluster;
        this.api = api;
        this.chart = chart;
        this.tokens = tokens;
        this.enrichers = enrichers;
        this.following = following;
    }

    /** Lets it happen; returns how long it took until an enricher was ready again. */
    Duration happen(Disturbance what) throws InterruptedException {
        Instant began = Instant.now();
        switch (what) {
            case RESTART -> restartApiServer();
            case COMPACTION -> compact();
            case KILL -> killLeader();
            case STOP -> stopLeader();
            case TOKEN -> {
                tokens.letExpire();
                tokens.goOn();
            }
            case RIGHTS -> revoke();
        }
        var _ = enrichers.awaitLeader();
        following.disturbedSince(began);
        return Duration.between(began, Instant.now());
    }

    private void restartApiServer() throws InterruptedException {
        cluster.kill(Component.KUBE_APISERVER);
        Thread.sleep(API_AWAY);
        cluster.restart(Component.KUBE_APISERVER);
    }

    /** The versions that the enrichers know have expired when they go on. */
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
                () -> leader.process().answer("/readyz").contains("standing by"));
    }

    /** Watches that run go on without rights: they are asked for when the API server has been away. */
    private void revoke() throws InterruptedException {
        chart.revoke(api);
        restartApiServer();
        Thread.sleep(WITHOUT_RIGHTS);
        chart.grant(api);
    }
}
