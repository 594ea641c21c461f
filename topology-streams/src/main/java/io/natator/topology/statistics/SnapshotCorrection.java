package io.natator.topology.statistics;

/** Which implausible field of a connection snapshot was corrected before the snapshot was processed. */
public enum SnapshotCorrection {
    /** The snapshot has no role. The role follows from the reports of the other end, or is guessed from the ports. */
    ROLE,
    /** This version does not know the state. The connection is treated as open. */
    STATE,
    /** The observation time is in the future or before 2020. The current time replaces the observation time. */
    OBSERVED_AT,
    /** The start time is after the observation or before 2020. The observation time replaces the start time. */
    STARTED_AT,
    /** A counter is smaller than in an earlier report of the same socket. The larger value is used. */
    SHRUNK_COUNTER
}
