/** From snapshots to exact growth of links: what both halves of a connection reported, and what of it is attributed. */
@NullMarked
package io.natator.topology.ledger;

import org.jspecify.annotations.NullMarked;
