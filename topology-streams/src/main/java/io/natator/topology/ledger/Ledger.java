package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.identity.OpenPeriod;
import io.natator.topology.identity.WorkloadResolver;
import io.natator.topology.identity.WorkloadResolver.Naming;
import io.natator.topology.link.CarettaLabels;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.statistics.UnresolvedReason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Computes from the reports of both ends of a connection by how much its link grows, and counts each byte once. Pure:
 * all state is in the {@link Entry}.
 *
 * <p>Each end of a connection is reported with cumulative counters; the merged reports of one end are a {@link Half}.
 * Both ends count the same bytes, so {@link CounterRules} uses the larger value. As soon as the link of a connection is
 * decided, the growth of the connection's counters is attributed, that is, added to the link. The link is decided when
 * all names are known, at the latest after {@code --settle-after}, and does not change afterwards.
 *
 * <p>UDP has no sequence numbers, so the reports of the two ends of a flow have different fingerprints, and the ledger
 * cannot merge them. The reports of a client always count. The reports of a server count only if the client is not
 * reported. So each datagram counts once, even through NAT.
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
     * @param delta growth of the connection's link; null if there is none
     * @param separately bytes for the separate counters of {@code TopologyStatistics}
     * @param events activity events of the connection, in order
     * @param unresolved reasons why ends are not named after a workload; empty if the link was not decided in this step
     */
    record Outcome(
            @Nullable Entry entry,
            @Nullable LinkDelta delta,
            SeparateBytes separately,
            List<ConnectionEvent> events,
            List<UnresolvedReason> unresolved) {

        /** This outcome, completed by the labels and the unresolved ends from the naming that decided the link. */
        Outcome withNaming(Naming naming) {
            var labels = new CarettaLabels(naming.clientOwner(), naming.dialledPort());
            LinkDelta labelled = delta == null ? null : delta.withLabels(labels);
            return new Outcome(entry, labelled, separately, events, naming.unresolved());
        }

        static Outcome store(@Nullable Entry entry) {
            return new Outcome(entry, null, SeparateBytes.NONE, List.of(), List.of());
        }
    }

    /**
     * Payload bytes in both directions that separate counters of {@code TopologyStatistics} count.
     *
     * @param folded growth of a sum of several connections (state FOLDED), even if no link counts it
     * @param udpServer growth that a UDP server reported and that no link counts, because the client's report counts it
     */
    record SeparateBytes(long folded, long udpServer) {
        static final SeparateBytes NONE = new SeparateBytes(0, 0);

        static SeparateBytes of(Entry entry, LinkDelta growth) {
            if (entry.isFolded()) {
                return new SeparateBytes(growth.traffic().bytes(), 0);
            }
            return entry.link() == null ? new SeparateBytes(0, growth.traffic().bytes()) : NONE;
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
        Entry entry = known != null ? known : Entry.waiting(retention.firstReportedAt(now));
        Entry reported = merged(entry, report, now);
        if (reported.equals(known)) {
            return Outcome.store(reported);
        }
        return switch (reported.stage()) {
            case WAITING -> {
                Naming naming = name(reported, false);
                if (naming == null) {
                    yield Outcome.store(reported);
                }
                Entry settled = settle(reported, naming);
                // The due time of a stored entry is not changed, because that would cost a write. It stays the end of
                // the wait for the link.
                yield attribute(known == null ? withFirstCheck(settled, now) : settled, false)
                        .withNaming(naming);
            }
            case DORMANT -> attribute(withFirstCheck(reported.at(Stage.SETTLED), now), false);
            case SETTLED, COMPLETE -> attribute(reported, false);
        };
    }

    /**
     * Processes an entry whose due time has come.
     *
     * @param now the ledger's clock, in microseconds since the epoch
     */
    Outcome checkDue(Entry entry, long now) {
        return switch (entry.stage()) {
            case WAITING -> {
                Naming naming = name(entry, true);
                yield naming == null
                        ? Outcome.store(entry)
                        : attribute(withFirstCheck(settle(entry, naming), now), false)
                                .withNaming(naming);
            }
            case SETTLED -> checkSettled(entry, now);
            case DORMANT, COMPLETE -> {
                long end = retention.forgottenAt(entry);
                yield Outcome.store(now >= end ? null : entry.dueAt(end));
            }
        };
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
        Outcome last = attribute(entry, true);
        Entry remembered = (last.entry() == null ? entry : last.entry())
                .shrunk(isComplete(entry))
                .dueAt(retention.forgottenAt(entry));
        return new Outcome(remembered, last.delta(), last.separately(), last.events(), last.unresolved());
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
        boolean needsEnd = entry.stage() == Stage.WAITING || activity != null;
        return needsEnd ? report.half() : report.half().withoutEnd();
    }

    private @Nullable Naming name(Entry entry, boolean decide) {
        Half either = entry.halves().either();
        if (either == null) {
            return null;
        }
        return resolver.name(entry.halves().ends(), entry.hasOneHalfByNature(), openPeriod(entry, either), decide);
    }

    private static OpenPeriod openPeriod(Entry entry, Half either) {
        long until = either.observedAt();
        if (entry.server() != null) {
            until = Math.max(until, entry.server().observedAt());
        }
        return new OpenPeriod(instant(either.lifecycle().startedAt()), instant(until));
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private Entry settle(Entry entry, Naming naming) {
        return entry.settled(LinkAssignment.of(entry, naming, linkKeys), activity != null);
    }

    /**
     * Computes the growth of the connection since the previous call, as a delta for its link.
     *
     * @param leaving whether the entry leaves the ledger, so that the connection counts as closed
     */
    private Outcome attribute(Entry entry, boolean leaving) {
        if (entry.halves().either() == null) {
            return Outcome.store(entry);
        }
        AttributedCounters before = entry.attributed();
        AttributedCounters after = CounterRules.after(entry, leaving);
        List<ConnectionEvent> events = activity == null ? List.of() : activity.events(entry, after, leaving);
        Entry published = events.isEmpty() ? entry : entry.withEventAt(after);
        if (after.equals(before) && entry.rttSamples().isEmpty()) {
            return new Outcome(published, null, SeparateBytes.NONE, events, List.of());
        }
        LinkDelta delta = CounterRules.delta(entry, before, after);
        return new Outcome(
                published.withAttributed(after),
                entry.link() == null ? null : delta,
                SeparateBytes.of(entry, delta),
                events,
                List.of());
    }
}
