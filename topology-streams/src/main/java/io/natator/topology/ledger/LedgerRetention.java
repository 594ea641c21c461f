package io.natator.topology.ledger;

import java.time.Duration;

/**
 * How long the ledger waits and stores connections.
 *
 * @param settleAfter how long a connection waits for its other half or an identity
 * @param closedRetention how long a connection stays after the first of its ends was reported as closed
 * @param idleRetention how long an open connection stays without reports
 * @param reportRetention how long late reports of a connection that has left are recognised
 */
public record LedgerRetention(
        Duration settleAfter, Duration closedRetention, Duration idleRetention, Duration reportRetention) {
    long settleAfterMicros() {
        return settleAfter.toNanos() / 1000;
    }

    long closedRetentionMicros() {
        return closedRetention.toNanos() / 1000;
    }

    long idleRetentionMicros() {
        return idleRetention.toNanos() / 1000;
    }

    long reportRetentionMicros() {
        return reportRetention.toNanos() / 1000;
    }
}
