package io.natator.topology.statistics;

/** Which implausible field of a connection snapshot was corrected before the snapshot was processed. */
public enum SnapshotCorrection {
    /**
     * The snapshot does not say whether its end is the client or the server. This is derived from the reports of the
     * other end, or guessed from the ports.
     */
    ROLE,
    /** The state of the connection is unknown to this version of the application. The connection is treated as open. */
    STATE,
    /** The observation time is in the future or before 2020. The current time replaces the observation time. */
    OBSERVED_AT,
    /** The start time is after the observation or before 2020. The observation time replaces the start time. */
    STARTED_AT,
    /** A counter is smaller than in an earlier report of the same socket. The larger value is used. */
    SHRUNK_COUNTER
}
