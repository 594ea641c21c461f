package io.natator.topology.ledger;

import java.time.Duration;

/** Limits of one partition of the ledger. They limit its memory, and the time for which new records wait. */
final class LedgerLimits {
    /** Interval between checks of due entries. */
    static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    /**
     * Interval between checks of a connection that waits for identities. The enricher publishes twice a second that the
     * identities are complete, so the first check of a connection usually finds the identities of its opening.
     */
    static final Duration IDENTITY_CHECK_INTERVAL = Duration.ofSeconds(3);

    /** Maximum number of due entries that one check processes. New records wait while the check runs. */
    static final int MAX_CHECKED = 20_000;

    /**
     * Maximum number of changed entries in memory, at about 1 KiB each. When the limit is reached, the changes are
     * written at once.
     */
    static final int MAX_UNWRITTEN = 10_000;

    /**
     * Maximum number of unchanged entries in the cache, at about 1 KiB each. The reports of both ends of a connection
     * arrive shortly after each other, so a small cache suffices.
     */
    static final int MAX_CACHED = 8_000;

    /**
     * Minimum time between two updates of {@code lastReportedAt} by reports that change no counter, in microseconds. It
     * saves writes to the store.
     */
    static final long REPORT_RESOLUTION_MICROS = 30_000_000;

    private LedgerLimits() {}
}
