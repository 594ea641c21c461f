package io.natator.local;

import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/**
 * Checks periodically whether the API server of a Kubernetes cluster responds, because the links look the same when it
 * does not: only their names become outdated.
 */
final class ApiServerWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    /** Checks whether the API server responds. */
    interface Check {
        boolean responds() throws InterruptedException;
    }

    private final Check check;
    private final InstantSource clock;
    private final Thread thread = Thread.ofVirtual().name("api-server-watch").unstarted(this::run);
    private boolean responded = true;
    private volatile String notice = "";

    ApiServerWatch(Check check, InstantSource clock) {
        this.check = check;
        this.clock = clock;
    }

    static ApiServerWatch start(Check check) {
        var watch = new ApiServerWatch(check, InstantSource.system());
        watch.thread.start();
        return watch;
    }

    private void run() {
        try {
            while (true) {
                onCheck(check.responds());
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    void onCheck(boolean responds) {
        if (responds != responded) {
            responded = responds;
            LocalTime now =
                    LocalTime.ofInstant(clock.instant(), ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS);
            notice = responds
                    ? "the Kubernetes API server responds again since " + now
                    : "the Kubernetes API server has not responded since " + now + ": new pods have no names until it"
                            + " does";
        }
    }

    /** The last change in one line; empty if the API server has always responded. */
    String notice() {
        return notice;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
