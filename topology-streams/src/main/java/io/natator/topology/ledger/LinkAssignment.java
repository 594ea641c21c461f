package io.natator.topology.ledger;

import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The link of a connection.
 *
 * @param link the encoded link key; null while the link is not decided, and for a connection that does not count
 * @param onlyOneHalf true if no report of the other end is expected
 */
record LinkAssignment(@Nullable Bytes link, boolean onlyOneHalf) {
    static final LinkAssignment UNDECIDED = new LinkAssignment(null, false);

    LinkAssignment withoutLink() {
        return new LinkAssignment(null, onlyOneHalf);
    }
}
