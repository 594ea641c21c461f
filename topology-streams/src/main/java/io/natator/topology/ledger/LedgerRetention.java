package io.natator.topology.ledger;

import io.natator.topology.link.Micros;
import java.time.Duration;

/**
 * Decides how long a connection waits for its link, how long it stays in the ledger, and how long its late reports are
 * recognised. {@link #builder} names the durations at construction.
 *
 * @param settleAfter maximum time that a connection waits for the report of its other end or for an identity
 * @param closedRetention how long a connection stays in the ledger after the last report, if one end has reported the
 *     close
 * @param idleRetention how long an open connection stays in the ledger after the last report
 * @param reportRetention how long after its last report a connection that has left the ledger is recognised
 */
public record LedgerRetention(
        Duration settleAfter, Duration closedRetention, Duration idleRetention, Duration reportRetention) {
    /** A builder. All four durations must be set, because their initial value is 0. */
    public static Builder builder() {
        return new Builder();
    }

    /** Whether a connection has waited for its link as long as it may. The time is in microseconds since the epoch. */
    boolean isWaitOver(Entry waiting, long now) {
        return now >= waitEndsAt(waiting);
    }

    private long waitEndsAt(Entry waiting) {
        return waiting.timers().firstReportedAt() + Micros.of(settleAfter);
    }

    /**
     * The time of the next check of a connection that waits for its link, in microseconds since the epoch.
     *
     * @param forIdentities whether the connection waits for identities, which become known without a report
     */
    long nextWaitCheck(Entry waiting, boolean forIdentities, long now) {
        long end = waitEndsAt(waiting);
        return forIdentities ? Math.min(end, now + Micros.of(LedgerLimits.IDENTITY_CHECK_INTERVAL)) : end;
    }

    /**
     * How long a connection has waited for its link, in microseconds.
     *
     * @param now the ledger's clock, in microseconds since the epoch
     */
    long waitedMicros(Entry waiting, long now) {
        return Math.clamp(now - waiting.timers().firstReportedAt(), 0, Long.MAX_VALUE);
    }

    /** The time of the first check of an entry whose link is decided now. Times are in microseconds since the epoch. */
    long firstCheck(long now) {
        return now + Micros.of(closedRetention);
    }

    /** The time of the next check of an entry that stays in the ledger. Times are in microseconds since the epoch. */
    long nextCheck(Entry entry, long now) {
        return Math.min(leavesAt(entry), firstCheck(now));
    }

    /**
     * The time at which the connection leaves the ledger if it is not reported again, in microseconds since the epoch.
     */
    long leavesAt(Entry entry) {
        Duration retention = entry.halves().oneHasEnded() ? closedRetention : idleRetention;
        return entry.lastReportedAt() + Micros.of(retention);
    }

    /**
     * The time at which the reduced entry of a connection that has left the ledger is deleted, in microseconds since
     * the epoch. Later reports count as a new connection.
     */
    long forgottenAt(Entry entry) {
        return entry.lastReportedAt() + Micros.of(reportRetention);
    }

    public static final class Builder {
        private Duration settleAfter = Duration.ZERO;
        private Duration closedRetention = Duration.ZERO;
        private Duration idleRetention = Duration.ZERO;
        private Duration reportRetention = Duration.ZERO;

        private Builder() {}

        public Builder settleAfter(Duration duration) {
            settleAfter = duration;
            return this;
        }

        public Builder closedRetention(Duration duration) {
            closedRetention = duration;
            return this;
        }

        public Builder idleRetention(Duration duration) {
            idleRetention = duration;
            return this;
        }

        public Builder reportRetention(Duration duration) {
            reportRetention = duration;
            return this;
        }

        public LedgerRetention build() {
            return new LedgerRetention(settleAfter, closedRetention, idleRetention, reportRetention);
        }
    }
}
