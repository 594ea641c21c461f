package io.natator.topology.ledger;

import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The link of a connection.
 *
 * @param link the encoded link key; null before the link is decided, and if nothing of the connection counts
 * @param onlyOneHalf no other half is expected
 */
record LinkAssignment(@Nullable Bytes link, boolean onlyOneHalf) {
    static final LinkAssignment UNDECIDED = new LinkAssignment(null, false);

    LinkAssignment withoutLink() {
        return new LinkAssignment(null, onlyOneHalf);
    }
}
