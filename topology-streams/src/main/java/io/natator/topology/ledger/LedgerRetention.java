package io.natator.topology.ledger;

import java.time.Duration;

/**
 * How long the ledger waits and remembers.
 *
 * @param settleAfter how long a connection waits for its other half or an identity
 * @param closedRetention how long after its end a connection stays, and how long one that has ended at one end waits for
 *     the other
 * @param idleRetention how long a connection that does not end stays without being heard of
 * @param reportRetention how long what has left is still recognised, should a late report come
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
