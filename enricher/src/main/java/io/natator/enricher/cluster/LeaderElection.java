package io.natator.enricher.cluster;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Elects the one writer by a Lease of the cluster, with the algorithm of client-go's leader election. A candidate takes
 * the Lease over if it has observed, by its own clock, no change of the Lease for the Lease's duration. A candidate
 * that lost the Lease tries to acquire it again. Thread-safe.
 */
public final class LeaderElection implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LeaderElection.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    /**
     * The timing of an election.
     *
     * @param leaseDuration a candidate takes over a Lease that was not renewed for this long; longer than {@code
     *     renewDeadline}
     * @param renewDeadline a leader that could not renew for this long steps down; longer than {@code retryPeriod}
     * @param retryPeriod time between two attempts to acquire or renew
     */
    public record Timing(Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {
        /** The timing that Kubernetes' own components use (client-go). */
        public static final Timing DEFAULT =
                new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));

        public Timing {
            if (leaseDuration.compareTo(renewDeadline) <= 0 || renewDeadline.compareTo(retryPeriod) <= 0) {
                throw new IllegalArgumentException("lease " + leaseDuration + ", deadline " + renewDeadline
                        + " and period " + retryPeriod + " must get shorter in this order");
            }
        }
    }

    /** The Lease that decides the election. */
    public record LeaseName(String namespace, String name) {
        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    private final ClusterConnection connection;
    private final KubernetesClient client;
    private final LeaseName lease;
    private final String identity;
    private final Timing timing;
    private final Runnable onChange;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("leader-election").unstarted(this::run);
    private volatile boolean leading;
    private volatile String leader = "";
    /** Why the Lease cannot be read or written; empty if the last attempt succeeded. */
    private volatile String failure = "";

    private volatile boolean closed;
    /** The Lease as it was when it last changed; null before the first read. */
    private @Nullable LeaseSpec observed;
    /** When the last change of the Lease was observed, by {@link System#nanoTime}. */
    private long observedAt;
    /** When the last successful renewal began, by {@link System#nanoTime}. */
    private long renewedAt;

    /**
     * @param connection is not closed by this instance; the caller closes it after this instance
     * @param identity the name of this candidate, unique among all candidates
     * @param onChange called when this candidate starts or stops leading; must not block
     */
    public LeaderElection(
            ClusterConnection connection, LeaseName lease, String identity, Timing timing, Runnable onChange) {
        this.connection = connection;
        this.client = connection.client();
        this.lease = lease;
        this.identity = identity;
        this.timing = timing;
        this.onChange = onChange;
    }

    /** A unique identity for a candidate in this process. It begins with the host's name, which is the pod's name. */
    public static String uniqueIdentity() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "unknown-host";
        }
        return host + "_" + UUID.randomUUID();
    }

    /** Takes part in the election, in the background. Call once. */
    public void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closed) {
                attempt();
                long period = timing.retryPeriod().toMillis();
                // A random addition keeps the candidates from reading the Lease at the same time.
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
            onSuccess();
            if (held) {
                renewedAt = start;
            }
            setLeading(held);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                onFailure(e);
            }
            stepDownIfOverdue();
        } catch (RuntimeException e) {
            onFailure(e);
            stepDownIfOverdue();
        }
    }

    private void stepDownIfOverdue() {
        if (leading && System.nanoTime() - renewedAt > timing.renewDeadline().toNanos()) {
            setLeading(false);
        }
    }

    private boolean acquireOrRenew(long now) {
        Lease current = client.resources(Lease.class)
                .inNamespace(lease.namespace())
                .withName(lease.name())
                .get();
        if (current == null) {
            client.resource(newLease(null, null, 0)).create();
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
        patch(newLease(
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

    /** @param acquired the time at which this candidate acquired the Lease; null for the present time */
    private Lease newLease(@Nullable String resourceVersion, @Nullable ZonedDateTime acquired, int transitions) {
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
        return new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(lease.namespace())
                .withName(lease.name())
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

    /** Writes the Lease. The API server refuses this with a conflict if the Lease has changed since it was read. */
    private void patch(Lease value) {
        client.resource(value).patch(PatchContext.of(PatchType.JSON_MERGE));
    }

    private void setLeading(boolean value) {
        if (leading != value) {
            leading = value;
            log.atInfo()
                    .addKeyValue("lease", lease)
                    .log(value ? "This enricher leads" : "This enricher no longer leads");
            onChange.run();
        }
    }

    private void onFailure(RuntimeException e) {
        if (closed) {
            return; // the request failed because close() interrupted it
        }
        String reason = e instanceof KubernetesClientException answered
                        && answered.getStatus() != null
                        && answered.getStatus().getMessage() != null
                ? answered.getStatus().getMessage() + " (HTTP status " + answered.getCode() + ")"
                : ApiException.unreachable(e).reason();
        boolean first = failure.isEmpty();
        failure = reason;
        if (first) {
            var line = log.atWarn().addKeyValue("lease", lease);
            if (e instanceof KubernetesClientException answered
                    && answered.getCode() == HttpURLConnection.HTTP_UNAUTHORIZED) {
                line = line.addKeyValue("credentials", connection.credentials());
            }
            line.addKeyValue("reason", reason)
                    .log("Cannot read or write the Lease: grant the verbs get, create and patch on leases in"
                            + " coordination.k8s.io; the request is retried until it succeeds");
        }
    }

    private void onSuccess() {
        if (!failure.isEmpty()) {
            failure = "";
            log.atInfo().addKeyValue("lease", lease).log("The Lease can be read and written again");
        }
    }

    /** Releases the Lease, so that another candidate does not have to wait until it expires. */
    private void release() {
        if (!leading) {
            return;
        }
        setLeading(false);
        try {
            Lease current = client.resources(Lease.class)
                    .inNamespace(lease.namespace())
                    .withName(lease.name())
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
            log.atDebug().setCause(e).log("Could not release the Lease: it will expire");
        }
    }

    /** Returns true while this candidate holds the Lease. */
    public boolean isLeading() {
        return leading;
    }

    /** The holder of the Lease; empty if nobody holds it or if the holder is unknown. */
    public String leader() {
        return leader;
    }

    /** Why the Lease cannot be read or written; empty if the last attempt succeeded, and before the first attempt. */
    public String failure() {
        return failure;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(CLOSE_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
