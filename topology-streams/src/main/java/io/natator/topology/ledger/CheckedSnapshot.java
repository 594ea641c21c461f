package io.natator.topology.ledger;

import io.natator.topology.statistics.SnapshotCorrection;
import java.util.Set;

/**
 * A snapshot that passed {@link SnapshotCheck}.
 *
 * @param client true for the client's end, false for the server's end
 * @param roleGuessed true if {@code client} is only guessed from the ports
 * @param half counters, lifecycle and addresses of the reported end
 * @param rttMicros smoothed round-trip time in microseconds; 0 if it was not measured
 * @param corrections which fields of the snapshot were corrected
 */
record CheckedSnapshot(
        boolean client, boolean roleGuessed, Half half, long rttMicros, Set<SnapshotCorrection> corrections) {}
