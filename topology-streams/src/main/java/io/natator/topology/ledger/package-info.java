/** From snapshots to exact link deltas: what each half of a connection last said, and what has been attributed. */
@NullMarked
package io.natator.topology.ledger;

import org.jspecify.annotations.NullMarked;
