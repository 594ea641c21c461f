package io.natator.topology.ledger;

import io.natator.topology.link.LinkDelta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The output of one step of the ledger.
 *
 * @param connection the ledger's key: the fingerprint of the connection, or another key if two connections have the
 *     same fingerprint; 0 for a delta of several connections
 * @param delta growth of the link, null if there is none
 * @param events activity events of the connection, in order
 */
public record LedgerOutput(long connection, @Nullable LinkDelta delta, List<ConnectionEvent> events) {}
