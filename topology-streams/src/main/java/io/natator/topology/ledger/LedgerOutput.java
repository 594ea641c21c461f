package io.natator.topology.ledger;

import io.natator.topology.link.LinkDelta;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger hands on of one connection at a time.
 *
 * @param connection the ledger's key: the fingerprint, or what stands for it where two connections share one
 * @param delta to be added to the link, null if nothing is
 * @param events what there is to tell of it, in order
 */
public record LedgerOutput(long connection, @Nullable LinkDelta delta, List<ConnectionEvent> events) {}
