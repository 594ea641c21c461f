package io.natator.enricher;

import io.natator.enricher.cluster.ClusterHealth;
import io.natator.enricher.cluster.ClusterProbe;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * While another enricher writes, checks periodically whether this enricher can read the cluster and could take over.
 */
final class StandbyProbe implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StandbyProbe.class);
    /** How often the thread checks whether it is time for the next probe. */
    private static final Duration TICK = Duration.ofMillis(500);
    /**
     * Time between two probes while the last one succeeded. If a right of this enricher is revoked, the standby notices
     * after this time at the latest. The time is long because each probe sends eleven list requests to the API server.
     */
    private static final Duration WHILE_READY = Duration.ofMinutes(5);

    /** Time between two probes while the last one failed. */
    private static final Duration WHILE_UNREADY = Duration.ofSeconds(5);

    private final ClusterProbe probe;
    private final BooleanSupplier isStandby;
    private final Thread thread = Thread.ofVirtual().name("standby-probe").unstarted(this::run);
    private volatile ClusterHealth health = ClusterHealth.UNKNOWN;

    /** @param isStandby returns false while this enricher writes; no probes are made then */
    StandbyProbe(ClusterProbe probe, BooleanSupplier isStandby) {
        this.probe = probe;
        this.isStandby = isStandby;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            long due = System.nanoTime();
            while (true) {
                if (isStandby.getAsBoolean() && System.nanoTime() - due >= 0) {
                    ClusterHealth before = health;
                    health = probe.probe();
                    logChange(before.unready());
                    Duration pause = health.unready().isEmpty() ? WHILE_READY : WHILE_UNREADY;
                    due = System.nanoTime() + pause.toNanos();
                }
                Thread.sleep(TICK);
            }
        } catch (InterruptedException e) {
            log.debug("Probes stopped");
        }
    }

    private void logChange(String before) {
        String now = health.unready();
        if (!now.isEmpty() && !now.equals(before)) {
            log.atWarn().addKeyValue("reason", now).log("This enricher could not take over now");
        } else if (now.isEmpty() && !before.isEmpty()) {
            log.info("This enricher can read the cluster and could take over");
        }
    }

    ClusterHealth health() {
        return health;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
