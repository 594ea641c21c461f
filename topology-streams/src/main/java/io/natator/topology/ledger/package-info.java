/**
 * Turns connection snapshots into exact growth of links. The ledger merges the reports of both ends of a connection and
 * counts each byte once.
 */
@NullMarked
package io.natator.topology.ledger;

import org.jspecify.annotations.NullMarked;
