package io.natator.topology.ledger;

import java.time.Duration;

/** The limits of one partition of the ledger, which bound its memory and its delays. */
final class LedgerLimits {
    /** Interval between checks of due entries. */
    static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    /** Maximum number of due entries that one check processes. New records wait while the check runs. */
    static final int MAX_CHECKED = 20_000;

    /** Maximum number of changes in memory, at about 1 KiB each. If it is reached, the changes are written at once. */
    static final int MAX_UNWRITTEN = 10_000;

    /**
     * Maximum number of unchanged entries in the cache, at about 1 KiB each. Both ends of a connection report within
     * moments of each other, so few recent entries suffice.
     */
    static final int MAX_CACHED = 8_000;

    /**
     * A report that changes no counter updates {@code lastReportedAt} only if this much time, in microseconds, has
     * passed since the last update. This saves writes to the store.
     */
    static final long REPORT_RESOLUTION_MICROS = 30_000_000;

    private LedgerLimits() {}
}
