package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.topology.identity.WorkloadResolver.Naming;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The decision which link counts a connection.
 *
 * @param link the encoded link key; null while the link is not decided, and if no link counts the connection
 * @param onlyOneHalf true if no report of the other end is expected
 */
record LinkAssignment(@Nullable Bytes link, boolean onlyOneHalf) {
    static final LinkAssignment UNDECIDED = new LinkAssignment(null, false);

    /**
     * Decides whether the named link counts the connection. For UDP flows, and for sums of several connections (state
     * FOLDED), both ends report the same bytes, but the ledger cannot match the two reports. So the link counts the
     * bytes of a report only if the other end does not report them too.
     */
    static LinkAssignment of(Entry entry, Naming naming, AvroSerde<LinkKey> linkKeys) {
        boolean halvesMeet = !entry.isFolded() && !entry.isUdp();
        boolean counts = halvesMeet || !naming.otherEndReports();
        boolean onlyOneHalf = entry.hasOneHalfByNature() || !naming.otherEndReports();
        return new LinkAssignment(counts ? Bytes.wrap(linkKeys.encode(naming.link())) : null, onlyOneHalf);
    }

    LinkAssignment withoutLink() {
        return new LinkAssignment(null, onlyOneHalf);
    }
}
