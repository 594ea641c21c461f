package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.identity.ConnectionEnds;
import io.natator.topology.identity.OpenPeriod;
import io.natator.topology.identity.WorkloadResolver;
import io.natator.topology.identity.WorkloadResolver.Naming;
import io.natator.topology.link.CarettaLabels;
import io.natator.topology.link.ConnectionCounts;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.link.Micros;
import io.natator.topology.statistics.UnresolvedReason;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Computes from the reports of both ends of a connection by how much its link grows, and counts each byte once. Pure:
 * all state is in the {@link Entry}.
 *
 * <p>Each end of a connection is reported with cumulative counters; the merged reports of one end are a {@link Half}.
 * Both ends count the same bytes, so {@link CounterRules} uses the larger value. As soon as the link of a connection is
 * decided, the growth of the connection's counters is attributed, that is, added to the link. The link is decided when
 * all names are known, at the latest after {@code --settle-after}.
 *
 * <p>If better names become known later, the connection moves to a better link: later growth is added to that link, and
 * what was added to the earlier link stays there. Totals therefore never decrease. The connection counts as opened where
 * it was opened, and as active where it is now.
 *
 * <p>UDP has no sequence numbers, so the reports of the two ends of a flow have different fingerprints, and the ledger
 * cannot merge them. The reports of a client always count. The reports of a server count only if the client is not
 * reported. So each datagram counts once, even through NAT. If both ends are on one node, the client's report also contains
 * the process of the server's end, which names it.
 *
 * <p>When an entry leaves the ledger, a reduced entry remains for {@code --report-retention}. The reduced entry of a
 * complete connection only says that later reports do not count. The reduced entry of any other connection has the link
 * and the counters, so that the connection can continue. Every byte counts once as long as two successive reports of a
 * connection, duplicates included, arrive within {@code --report-retention}. A report that arrives later counts as a
 * new connection.
 */
final class Ledger {
    private final WorkloadResolver resolver;
    private final LedgerRetention retention;
    private final @Nullable ActivityRules activity;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();

    /** Creates a ledger without activity events. */
    Ledger(WorkloadResolver resolver, LedgerRetention retention) {
        this(resolver, retention, null);
    }

    /**
     * Creates a ledger.
     *
     * @param activity rules for activity events; null if none are published
     */
    Ledger(WorkloadResolver resolver, LedgerRetention retention, @Nullable ActivityRules activity) {
        this.resolver = resolver;
        this.retention = retention;
        this.activity = activity;
    }

    /**
     * The result of a report, or of the check of a due entry.
     *
     * @param entry the entry to store; null to delete the stored entry
     * @param link the encoded key of the link that counts the connection; null before the link is decided, and if no
     *     link counts the connection
     * @param delta growth of the link; null if there is none
     * @param departure change of the earlier link, if the connection moved to a better one; null otherwise
     * @param separately bytes for the separate counters of {@code TopologyStatistics}
     * @param events activity events of the connection, in order
     * @param unresolved reasons why ends are not named after a workload; empty if the link was not decided in this step
     */
    record Outcome(
            @Nullable Entry entry,
            @Nullable Bytes link,
            @Nullable LinkDelta delta,
            @Nullable LinkGrowth departure,
            SeparateBytes separately,
            List<ConnectionEvent> events,
            List<UnresolvedReason> unresolved) {

        /** This outcome, completed by the labels and the unresolved ends from the naming that decided the link. */
        Outcome withNaming(Naming naming) {
            var labels = new CarettaLabels(naming.clientOwner(), naming.dialledPort());
            LinkDelta labelled = delta == null ? null : delta.withLabels(labels);
            return new Outcome(entry, link, labelled, departure, separately, events, naming.unresolved());
        }

        Outcome withEntry(Entry other) {
            return new Outcome(other, link, delta, departure, separately, events, unresolved);
        }

        Outcome withDeparture(LinkGrowth change) {
            return new Outcome(entry, link, delta, change, separately, events, unresolved);
        }

        static Outcome store(@Nullable Entry entry) {
            return new Outcome(
                    entry, entry == null ? null : entry.link(), null, null, SeparateBytes.NONE, List.of(), List.of());
        }
    }

    /**
     * Payload bytes in both directions that separate counters of {@code TopologyStatistics} count.
     *
     * @param folded growth of a sum of several connections (state FOLDED), even if no link counts it
     * @param udpServer growth that a UDP server reported and that no link counts, because the client's report counts it
     * @param withinPod growth of a connection within a pod, which no link counts
     */
    record SeparateBytes(long folded, long udpServer, long withinPod) {
        static final SeparateBytes NONE = new SeparateBytes(0, 0, 0);

        static SeparateBytes of(Entry entry, LinkDelta growth) {
            long bytes = growth.traffic().bytes();
            if (entry.isFolded()) {
                return new SeparateBytes(bytes, 0, 0);
            }
            if (entry.link() != null) {
                return NONE;
            }
            boolean isUdpServer = entry.client() == null;
            return isUdpServer ? new SeparateBytes(0, bytes, 0) : new SeparateBytes(0, 0, bytes);
        }
    }

    /**
     * Processes a report.
     *
     * @param known the stored entry; null for a connection that is reported for the first time
     * @param report a report that does not collide with the entry, see {@link Fingerprints#collide}
     * @param now the ledger's clock, in microseconds since the epoch
     */
    Outcome onSnapshot(@Nullable Entry known, CheckedSnapshot report, long now) {
        if (known != null && known.stage() == Stage.COMPLETE) {
            return Outcome.store(known);
        }
        Entry entry = known != null ? known : Entry.waiting(Timers.firstReportedAt(now));
        Entry reported = merged(entry, report, now);
        if (reported.equals(known)) {
            return Outcome.store(reported);
        }
        return switch (reported.stage()) {
            case WAITING -> onWaiting(reported, known == null, now);
            case DORMANT -> improve(withFirstCheck(reported.at(Stage.SETTLED), now), false);
            case SETTLED, COMPLETE -> improve(reported, endsChanged(reported, known));
        };
    }

    private Outcome onWaiting(Entry reported, boolean isNew, long now) {
        Naming naming = name(reported);
        if (naming.expectation().waits() && !retention.isWaitOver(reported, now)) {
            return Outcome.store(isNew ? withNextWaitCheck(reported, naming, now) : reported);
        }
        // The due time of a stored entry is not changed, because that would cost a write. So the first check comes
        // early.
        return decide(isNew ? withFirstCheck(reported, now) : reported, naming);
    }

    private Entry withNextWaitCheck(Entry waiting, Naming naming, long now) {
        return waiting.dueAt(
                retention.nextWaitCheck(waiting, naming.expectation().canImprove(), now));
    }

    private static boolean endsChanged(Entry reported, @Nullable Entry known) {
        return known == null || !reported.halves().ends().equals(known.halves().ends());
    }

    private Outcome decide(Entry waiting, Naming naming) {
        Entry settled = waiting.settled(LinkAssignment.of(waiting, naming, linkKeys));
        return attribute(settled, false, ConnectionCounts.NONE).withNaming(naming);
    }

    /**
     * Moves the connection to a better link if one is known now, and attributes its growth.
     *
     * @param endsChanged whether an end, or the pod of an end, was reported for the first time
     */
    private Outcome improve(Entry entry, boolean endsChanged) {
        ConnectionEnds ends = entry.halves().ends();
        boolean canImprove = entry.assignment().canImprove() || endsChanged;
        if (!canImprove || ends.equals(ConnectionEnds.NONE)) {
            return attribute(entry, false, ConnectionCounts.NONE);
        }
        Naming naming = name(entry);
        LinkAssignment later = LinkAssignment.of(entry, naming, linkKeys);
        if (!entry.assignment().isImprovedBy(later)) {
            return attribute(entry, false, ConnectionCounts.NONE);
        }
        Entry improved = entry.settled(later);
        if (Objects.equals(later.link(), entry.link())) {
            return attribute(improved, false, ConnectionCounts.NONE);
        }
        ConnectionCounts moving = CounterRules.moving(entry.attributed());
        Outcome arrival = attribute(improved, false, moving).withNaming(naming);
        return entry.link() == null || moving.equals(ConnectionCounts.NONE)
                ? arrival
                : arrival.withDeparture(
                        new LinkGrowth(entry.link(), CounterRules.departure(entry.attributed(), moving)));
    }

    /**
     * Processes an entry whose due time has come.
     *
     * @param now the ledger's clock, in microseconds since the epoch
     */
    Outcome checkDue(Entry entry, long now) {
        return switch (entry.stage()) {
            case WAITING -> {
                Naming naming = name(entry);
                yield naming.expectation().waits() && !retention.isWaitOver(entry, now)
                        ? Outcome.store(withNextWaitCheck(entry, naming, now))
                        : decide(withFirstCheck(entry, now), naming);
            }
            case SETTLED -> checkSettled(entry, now);
            case DORMANT, COMPLETE -> {
                long end = retention.forgottenAt(entry);
                yield Outcome.store(now >= end ? null : entry.dueAt(end));
            }
        };
    }

    /** Whether an entry has waited for its link as long as it may. */
    boolean isWaitOver(Entry waiting, long now) {
        return retention.isWaitOver(waiting, now);
    }

    /** How long an entry that waits for its link has waited, in microseconds. */
    long waitedMicros(Entry waiting, long now) {
        return retention.waitedMicros(waiting, now);
    }

    private Entry withFirstCheck(Entry settled, long now) {
        return settled.dueAt(retention.firstCheck(now));
    }

    private Outcome checkSettled(Entry entry, long now) {
        if (now < retention.leavesAt(entry)) {
            return Outcome.store(entry.dueAt(retention.nextCheck(entry, now)));
        }
        Outcome last = attribute(entry, true, ConnectionCounts.NONE);
        return last.withEntry((last.entry() == null ? entry : last.entry())
                .shrunk(isComplete(entry))
                .dueAt(retention.forgottenAt(entry)));
    }

    /**
     * Whether the connection has ended, and no further report can add to its counters. A sum of several connections
     * (state FOLDED) is never complete.
     */
    private static boolean isComplete(Entry entry) {
        boolean hasAllHalves = entry.assignment().onlyOneHalf() || (entry.client() != null && entry.server() != null);
        return entry.halves().allHaveEnded() && !entry.isFolded() && hasAllHalves;
    }

    private Entry merged(Entry entry, CheckedSnapshot report, long now) {
        boolean client = RoleRules.isClient(entry, report);
        Half known = entry.halves().of(client);
        Half half = known == null ? newHalf(entry, report) : known.merge(report.half());
        List<Long> samples = RttSamples.after(entry, report, known, client);
        Entry merged = entry.with(entry.halves().with(client, half), samples);
        boolean nothingNew =
                merged.equals(entry) && now - entry.lastReportedAt() < LedgerLimits.REPORT_RESOLUTION_MICROS;
        return nothingNew ? entry : merged.reportedAt(Math.max(now, entry.lastReportedAt()));
    }

    private Half newHalf(Entry entry, CheckedSnapshot report) {
        return needsEnds(entry) ? report.half() : report.half().withoutEnd();
    }

    /** Whether the processes and addresses of the ends are needed: to name them, or for activity events. */
    private boolean needsEnds(Entry entry) {
        return activity != null
                || entry.stage() == Stage.WAITING
                || !entry.assignment().isFinal();
    }

    private Naming name(Entry entry) {
        Half either = Objects.requireNonNull(entry.halves().either(), "an entry without a report is not stored");
        return resolver.name(entry.halves().ends(), entry.hasOneHalfByNature(), openPeriod(entry, either));
    }

    private static OpenPeriod openPeriod(Entry entry, Half either) {
        long until = either.observedAt();
        if (entry.server() != null) {
            until = Math.max(until, entry.server().observedAt());
        }
        return new OpenPeriod(Micros.instant(either.lifecycle().startedAt()), Micros.instant(until));
    }

    /**
     * Computes the growth of the connection since the previous call, as a delta for its link.
     *
     * @param leaving whether the entry leaves the ledger, so that the connection counts as closed
     * @param arriving connections that move to the link in this step
     */
    private Outcome attribute(Entry entry, boolean leaving, ConnectionCounts arriving) {
        if (entry.halves().either() == null) {
            return Outcome.store(entry);
        }
        AttributedCounters before = entry.attributed();
        AttributedCounters after = CounterRules.after(entry, leaving);
        List<ConnectionEvent> events = activity == null ? List.of() : activity.events(entry, after, leaving);
        Entry published = events.isEmpty() ? entry : entry.withEventAt(after);
        Entry stored = needsEnds(published) ? published : published.withoutEnds();
        boolean grows =
                !after.equals(before) || !entry.rttSamples().isEmpty() || !arriving.equals(ConnectionCounts.NONE);
        if (!grows) {
            return new Outcome(stored, entry.link(), null, null, SeparateBytes.NONE, events, List.of());
        }
        LinkDelta delta = CounterRules.delta(entry, before, after);
        return new Outcome(
                stored.withAttributed(after),
                entry.link(),
                entry.link() == null ? null : delta.plus(arriving),
                null,
                SeparateBytes.of(entry, delta),
                events,
                List.of());
    }
}
