package io.natator.enricher;

import io.natator.enricher.cluster.ClusterHealth;
import io.natator.enricher.cluster.ClusterProbe;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** While another enricher writes, finds out time and again whether this one could read the cluster. */
final class Standby implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Standby.class);
    private static final Duration TICK = Duration.ofMillis(500);
    /** A right that was taken away shows this late; eleven lists of one object are cheap, but not free. */
    private static final Duration WHILE_READY = Duration.ofMinutes(5);

    private static final Duration WHILE_UNREADY = Duration.ofSeconds(5);

    private final ClusterProbe probe;
    private final BooleanSupplier standsBy;
    private final Thread thread = Thread.ofVirtual().name("standby-probe").unstarted(this::run);
    private volatile ClusterHealth health = ClusterHealth.UNKNOWN;

    /** @param standsBy false while this enricher writes, when there is nothing to probe */
    Standby(ClusterProbe probe, BooleanSupplier standsBy) {
        this.probe = probe;
        this.standsBy = standsBy;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            long due = System.nanoTime();
            while (true) {
                if (standsBy.getAsBoolean() && System.nanoTime() - due >= 0) {
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
            log.atWarn().addKeyValue("reason", now).log("This enricher could not take over");
        } else if (now.isEmpty() && !before.isEmpty()) {
            log.info("This enricher can read the cluster, and could take over");
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
