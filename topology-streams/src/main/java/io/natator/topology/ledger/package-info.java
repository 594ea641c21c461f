/**
 * Turns snapshots into exact growth of links: merges the reports of both ends of a connection, and attributes each byte
 * once.
 */
@NullMarked
package io.natator.topology.ledger;

import org.jspecify.annotations.NullMarked;
