package io.natator.enricher.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the API server twice a second whether it serves. A watch without events does not show whether nothing happens in the
 * cluster, or whether the API server, its etcd or the network no longer respond. Thread-safe.
 */
final class ServingProbe implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServingProbe.class);
    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final ApiReader reader;
    private final InstantSource clock;
    private final Thread thread = Thread.ofVirtual().name("serving-probe").unstarted(this::run);
    private volatile Instant servedAt = Instant.EPOCH;

    /** @param reader not closed by this */
    ServingProbe(ApiReader reader, InstantSource clock) {
        this.reader = reader;
        this.clock = clock;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Instant asked = clock.instant();
                if (reader.isServing()) {
                    servedAt = asked;
                }
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException e) {
            log.debug("Probe of the API server stopped");
        }
    }

    /** When the last request was sent to which the API server responded; {@link Instant#EPOCH} before that. */
    Instant servedAt() {
        return servedAt;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
