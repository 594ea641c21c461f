package io.natator.topology.ledger;

import io.natator.topology.state.TopologyStatistics.Correction;
import java.util.Set;

/**
 * A snapshot that has been found sound.
 *
 * @param client whether it is the client's end
 * @param roleGuessed whether {@code client} is no more than a guess from the ports
 * @param half what it says
 * @param rttMicros smoothed round-trip time, 0 where not measured
 * @param corrections what had to be set right
 */
record CheckedSnapshot(boolean client, boolean roleGuessed, Half half, long rttMicros, Set<Correction> corrections) {}
