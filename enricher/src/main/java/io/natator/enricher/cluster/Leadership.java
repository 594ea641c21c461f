package io.natator.enricher.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A candidate for the one writer's place, by a Lease of the cluster. One that lost it stands again. Thread-safe.
 */
public final class Leadership implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Leadership.class);

    /**
     * How long a silent leader keeps its place, and how often the Lease is looked at.
     *
     * @param leaseDuration longer than the deadline
     * @param renewDeadline longer than the period; a leader that could not renew for so long steps down
     * @param retryPeriod between two looks
     */
    public record Timing(Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {
        /** Kubernetes' own components' (client-go). */
        public static final Timing USUAL =
                new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
    }

    private final KubernetesClient client;
    private final LeaseLock lock;
    private final Timing timing;
    private final Runnable changed;
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().daemon().name("leader-election-", 0).factory());
    private volatile boolean leading;
    private volatile String leader = "";
    private CompletableFuture<?> candidacy = CompletableFuture.completedFuture(null);
    private boolean closed;

    /**
     * @param client stays the caller's to close, after this
     * @param identity of this candidate, unlike every other's
     * @param changed called when it starts or stops to lead; must not block
     */
    public Leadership(
            KubernetesClient client, String namespace, String lease, String identity, Timing timing, Runnable changed) {
        this.client = client;
        this.lock = new LeaseLock(namespace, lease, identity);
        this.timing = timing;
        this.changed = changed;
    }

    /** Stands for election, in the background. */
    public synchronized void start() {
        if (closed) {
            return;
        }
        var config = new LeaderElectionConfigBuilder()
                .withName(lock.describe())
                .withLock(lock)
                .withLeaseDuration(timing.leaseDuration())
                .withRenewDeadline(timing.renewDeadline())
                .withRetryPeriod(timing.retryPeriod())
                .withReleaseOnCancel(true)
                .withLeaderCallbacks(new LeaderCallbacks(() -> lead(true), () -> lead(false), this::follow))
                .build();
        candidacy = new LeaderElector(client, config, threads).start();
        var _ = candidacy.whenComplete((done, thrown) -> standAgain());
    }

    private void lead(boolean value) {
        if (leading != value) {
            leading = value;
            log.atInfo()
                    .addKeyValue("lease", lock.describe())
                    .log(value ? "This enricher leads" : "This enricher no longer leads");
            changed.run();
        }
    }

    private void follow(String newLeader) {
        leader = newLeader == null ? "" : newLeader;
    }

    /** An elector ends with its leadership. */
    private synchronized void standAgain() {
        lead(false);
        if (!closed) {
            var _ = threads.schedule(this::start, timing.retryPeriod().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** True while this candidate holds the Lease. */
    public boolean isLeading() {
        return leading;
    }

    /** Who holds the Lease, as far as known; may be empty. */
    public String leader() {
        return leader;
    }

    /** Gives the Lease back, so that another candidate need not wait for its end. */
    @Override
    public void close() {
        CompletableFuture<?> current;
        synchronized (this) {
            closed = true;
            current = candidacy;
        }
        current.cancel(true);
        threads.shutdown();
        try {
            if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
