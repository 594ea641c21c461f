package io.natator.enricher.cluster;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A candidate for the one writer's place, by a Lease of the cluster, as client-go's leader election does it: a Lease
 * counts as held until it has not changed for its duration, by this candidate's own clock. A candidate that lost it
 * stands again. Thread-safe.
 */
public final class Leadership implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Leadership.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    /**
     * How long a silent leader keeps its place, and how often the Lease is read.
     *
     * @param leaseDuration longer than the deadline
     * @param renewDeadline longer than the period; a leader that could not renew for so long steps down
     * @param retryPeriod between two attempts
     */
    public record Timing(Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {
        /** Kubernetes' own components' (client-go). */
        public static final Timing USUAL =
                new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
    }

    private final ClusterConnection connection;
    private final KubernetesClient client;
    private final String namespace;
    private final String name;
    private final String identity;
    private final Timing timing;
    private final Runnable changed;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("leader-election").unstarted(this::run);
    private volatile boolean leading;
    private volatile String leader = "";
    /** Why the Lease cannot be read or written; empty if it can. */
    private volatile String trouble = "";

    private volatile boolean closed;
    /** The Lease as it was when it last changed, and when that was noticed, by {@link System#nanoTime}. */
    private @Nullable LeaseSpec observed;

    private long observedAt;
    private long renewedAt;

    /**
     * @param connection stays the caller's to close, after this
     * @param identity of this candidate, unlike every other's
     * @param changed called when it starts or stops to lead; must not block
     */
    public Leadership(
            ClusterConnection connection,
            String namespace,
            String lease,
            String identity,
            Timing timing,
            Runnable changed) {
        this.connection = connection;
        this.client = connection.client();
        this.namespace = namespace;
        this.name = lease;
        this.identity = identity;
        this.timing = timing;
        this.changed = changed;
    }

    /** Stands for election, in the background. To be called once. */
    public void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closed) {
                attempt();
                long period = timing.retryPeriod().toMillis();
                // Candidates do not all ask at the same time.
                Thread.sleep(
                        leading ? period : period + ThreadLocalRandom.current().nextLong(1 + period / 2));
            }
        } catch (InterruptedException e) {
            log.debug("Leader election stopped");
        }
        release();
    }

    private void attempt() {
        long start = System.nanoTime();
        try {
            boolean held = acquireOrRenew(start);
            recovered();
            if (held) {
                renewedAt = start;
            }
            lead(held);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                complain(e);
            }
            stepDownIfOverdue();
        } catch (RuntimeException e) {
            complain(e);
            stepDownIfOverdue();
        }
    }

    private void stepDownIfOverdue() {
        if (leading && System.nanoTime() - renewedAt > timing.renewDeadline().toNanos()) {
            lead(false);
        }
    }

    private boolean acquireOrRenew(long now) {
        Lease current = client.resources(Lease.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (current == null) {
            client.resource(lease(null, null, 0)).create();
            leader = identity;
            return true;
        }
        LeaseSpec spec = current.getSpec() == null ? new LeaseSpec() : current.getSpec();
        if (observed == null || !observed.equals(spec)) {
            observed = spec;
            observedAt = now;
        }
        String holder = spec.getHolderIdentity() == null ? "" : spec.getHolderIdentity();
        boolean mine = holder.equals(identity);
        if (!mine && !holder.isEmpty() && now - observedAt < durationOf(spec).toNanos()) {
            leader = holder;
            return false;
        }
        int transitions = spec.getLeaseTransitions() == null ? 0 : spec.getLeaseTransitions();
        patch(lease(
                current.getMetadata().getResourceVersion(),
                mine ? spec.getAcquireTime() : null,
                transitions + (mine ? 0 : 1)));
        leader = identity;
        return true;
    }

    private Duration durationOf(LeaseSpec spec) {
        return spec.getLeaseDurationSeconds() == null
                ? timing.leaseDuration()
                : Duration.ofSeconds(spec.getLeaseDurationSeconds());
    }

    /** @param acquired now if null */
    private Lease lease(@Nullable String resourceVersion, @Nullable ZonedDateTime acquired, int transitions) {
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
        return new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withResourceVersion(resourceVersion)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(identity)
                .withLeaseDurationSeconds((int) timing.leaseDuration().toSeconds())
                .withAcquireTime(acquired == null ? now : acquired)
                .withRenewTime(now)
                .withLeaseTransitions(transitions)
                .endSpec()
                .build();
    }

    /** Fails with a conflict if the Lease has changed since it was read. */
    private void patch(Lease value) {
        client.resource(value).patch(PatchContext.of(PatchType.JSON_MERGE));
    }

    private void lead(boolean value) {
        if (leading != value) {
            leading = value;
            log.atInfo()
                    .addKeyValue("lease", namespace + "/" + name)
                    .log(value ? "This enricher leads" : "This enricher no longer leads");
            changed.run();
        }
    }

    private void complain(RuntimeException e) {
        if (closed) {
            return; // interrupted
        }
        String reason = e instanceof KubernetesClientException answered
                        && answered.getStatus() != null
                        && answered.getStatus().getMessage() != null
                ? answered.getStatus().getMessage() + " (HTTP status " + answered.getCode() + ")"
                : ApiException.unreachable(e).reason();
        boolean first = trouble.isEmpty();
        trouble = reason;
        if (first) {
            var line = log.atWarn().addKeyValue("lease", namespace + "/" + name);
            if (e instanceof KubernetesClientException answered
                    && answered.getCode() == HttpURLConnection.HTTP_UNAUTHORIZED) {
                line = line.addKeyValue("credentials", connection.credentials());
            }
            line.addKeyValue("reason", reason)
                    .log("Cannot read or write the Lease: it takes the verbs get, create and patch on leases in"
                            + " coordination.k8s.io; it is tried again until it succeeds");
        }
    }

    private void recovered() {
        if (!trouble.isEmpty()) {
            trouble = "";
            log.atInfo().addKeyValue("lease", namespace + "/" + name).log("The Lease can be read and written again");
        }
    }

    /** Gives the Lease back, so that another candidate need not wait for its end. */
    private void release() {
        if (!leading) {
            return;
        }
        lead(false);
        try {
            Lease current = client.resources(Lease.class)
                    .inNamespace(namespace)
                    .withName(name)
                    .get();
            if (current != null
                    && current.getSpec() != null
                    && Objects.equals(current.getSpec().getHolderIdentity(), identity)) {
                patch(new LeaseBuilder(current)
                        .editSpec()
                        .withHolderIdentity("")
                        .withLeaseDurationSeconds(1)
                        .endSpec()
                        .build());
            }
        } catch (RuntimeException e) {
            log.atDebug().setCause(e).log("Could not give the Lease back: it ends by itself");
        }
    }

    /** True while this candidate holds the Lease. */
    public boolean isLeading() {
        return leading;
    }

    /** The holder of the Lease, as far as known; may be empty. */
    public String leader() {
        return leader;
    }

    /** Why the Lease cannot be read or written; empty if it can, or has not been tried yet. */
    public String trouble() {
        return trouble;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(CLOSE_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
