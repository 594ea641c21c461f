package io.natator.topology.ledger;

import io.natator.topology.state.TopologyStatistics.Correction;
import java.util.Set;

/**
 * A snapshot that passed {@link SnapshotCheck}.
 *
 * @param client true for the client's end, false for the server's
 * @param roleGuessed whether {@code client} is only a guess from the ports
 * @param half its contents
 * @param rttMicros smoothed round-trip time, 0 if it was not measured
 * @param corrections what was corrected in it
 */
record CheckedSnapshot(boolean client, boolean roleGuessed, Half half, long rttMicros, Set<Correction> corrections) {}
