package io.natator.topology.ledger;

import io.natator.topology.link.LinkDelta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record that the ledger forwards to the next operators.
 *
 * @param connection the connection's key in the ledger: its fingerprint, or another key if an older connection has the
 *     same fingerprint; 0 if the delta is the growth of several connections
 * @param delta growth of the link, null if there is none
 * @param events activity events of the connection, in order
 */
public record LedgerOutput(long connection, @Nullable LinkDelta delta, List<ConnectionEvent> events) {}
