/**
 * The ledger: it merges the reports (snapshots) of both ends of a connection, and computes by how much the counters of
 * the connection's link grow. Each byte counts once.
 */
@NullMarked
package io.natator.topology.ledger;

import org.jspecify.annotations.NullMarked;
