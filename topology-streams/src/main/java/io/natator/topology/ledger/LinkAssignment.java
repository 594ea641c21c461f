package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.topology.identity.NameSource;
import io.natator.topology.identity.NameSources;
import io.natator.topology.identity.WorkloadResolver.Naming;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The decision which link counts a connection.
 *
 * @param link the encoded link key; null while the link is not decided, and if no link counts the connection
 * @param onlyOneHalf true if no report of the other end is expected
 * @param canImprove whether identities that become known later can give a better link
 * @param sources how the names of the link were found
 */
record LinkAssignment(@Nullable Bytes link, boolean onlyOneHalf, boolean canImprove, NameSources sources) {
    static final LinkAssignment UNDECIDED = new LinkAssignment(null, false, true, NameSources.UNKNOWN);

    /**
     * Decides whether the named link counts the connection. For UDP flows, and for sums of several connections (state
     * FOLDED), both ends report the same bytes, but the ledger cannot match the two reports. So the link counts the
     * bytes of a report only if the other end does not report them too. No link counts a connection within a pod.
     */
    static LinkAssignment of(Entry entry, Naming naming, AvroSerde<LinkKey> linkKeys) {
        boolean halvesMeet = !entry.isFolded() && !entry.isUdp();
        boolean otherEndReports = naming.expectation().otherEndReports();
        boolean counts = !naming.isWithinPod() && (halvesMeet || !otherEndReports);
        boolean onlyOneHalf = entry.hasOneHalfByNature() || !otherEndReports;
        return new LinkAssignment(
                counts ? Bytes.wrap(linkKeys.encode(naming.link())) : null,
                onlyOneHalf,
                naming.expectation().canImprove(),
                naming.sources());
    }

    /**
     * Whether another decision, made later, is right and this one is not. The names of the later decision must be found
     * in ways that are at least as reliable. If they are equally reliable, the later decision is right if it was made
     * with the complete identities and this one was not.
     */
    boolean isImprovedBy(LinkAssignment later) {
        return later.sources.isAtLeast(sources)
                && (!later.sources.equals(sources) || (canImprove && !later.canImprove));
    }

    /** Whether no later report and no identity can change the link: both ends are named after the pods of their sockets. */
    boolean isFinal() {
        return !canImprove && sources.client() == NameSource.POD && sources.server() == NameSource.POD;
    }

    LinkAssignment withoutLink() {
        return new LinkAssignment(null, onlyOneHalf, canImprove, sources);
    }
}
