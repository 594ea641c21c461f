package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.identity.OpenPeriod;
import io.natator.topology.identity.WorkloadResolver;
import io.natator.topology.identity.WorkloadResolver.Naming;
import io.natator.topology.link.CarettaLabels;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.state.TopologyStatistics.Unresolved;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The rules that turn the reports of both ends of a connection into growth of one link, each byte once. Pure: all state
 * is in the {@link Entry}.
 *
 * <p>Both halves report the same bytes. Client to server is the larger of what the client's peer acknowledged and what
 * the server received; server to client is the mirror image. A connection is attributed once its link is decided: when
 * all names are known, or after {@code --settle-after}. The link does not change afterwards.
 *
 * <p>UDP has no sequence numbers, so its halves cannot be paired: each has a key of its own. A client's half always
 * counts. A server's half counts only if no client's half can exist, because the client's half has the same bytes. So
 * each datagram counts once, through any NAT.
 *
 * <p>After an entry has left the ledger, a reduced entry is stored for {@code --report-retention}. For a complete
 * connection it only says that it is complete; for any other it has the link and the counters, so that the connection
 * can continue. Every byte counts once as long as two successive reports of a connection, duplicates included, arrive
 * within that time. A later report counts as a new connection.
 */
final class Ledger {
    /** More samples than a connection reports while it waits. */
    private static final int MAX_RTT_SAMPLES = 64;

    /**
     * Minimum time between two updates of {@code lastReportedAt} by reports that change nothing else, because each
     * update is a write.
     */
    private static final long REPORT_RESOLUTION_MICROS = 30_000_000;

    private final WorkloadResolver resolver;
    private final LedgerRetention retention;
    private final @Nullable ActivityRules activity;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();

    /** A ledger without activity events. */
    Ledger(WorkloadResolver resolver, LedgerRetention retention) {
        this(resolver, retention, null);
    }

    /**
     * A ledger.
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
     * @param entry the entry to store, null to delete it
     * @param delta growth of the entry's link, null for none
     * @param foldedBytes growth of folded connections, whether it is attributed to a link or not
     * @param udpServerBytes growth of a UDP server's half that does not count, because the client's half counts
     * @param events activity events of the connection, in order
     * @param unresolved why ends lack their names, if the link was decided in this step
     */
    record Outcome(
            @Nullable Entry entry,
            @Nullable LinkDelta delta,
            long foldedBytes,
            long udpServerBytes,
            List<ConnectionEvent> events,
            List<Unresolved> unresolved) {

        /** This outcome with labels and unresolved ends from the naming that decided the link. */
        Outcome withNaming(Naming naming) {
            var labels = new CarettaLabels(naming.clientOwner(), naming.dialledPort());
            LinkDelta labelled = delta == null ? null : delta.withLabels(labels);
            return new Outcome(entry, labelled, foldedBytes, udpServerBytes, events, naming.unresolved());
        }

        static Outcome store(@Nullable Entry entry) {
            return new Outcome(entry, null, 0, 0, List.of(), List.of());
        }
    }

    /** Whether the report belongs to another socket than the known half of the same end. */
    static boolean collides(@Nullable Entry entry, CheckedSnapshot report) {
        if (entry == null || report.roleGuessed()) {
            return false;
        }
        Half known = entry.halves().of(report.client());
        return known != null && known.socket() != report.half().socket();
    }

    /** Whether a counter is smaller than in an earlier report of the same socket. */
    static boolean shrinks(@Nullable Entry entry, CheckedSnapshot report) {
        if (entry == null) {
            return false;
        }
        Half known = entry.halves().of(isClient(entry, report));
        return known != null && report.half().counters().shrinksFrom(known.counters());
    }

    /**
     * Processes a report.
     *
     * @param known null for a connection that is reported for the first time
     * @param report does not collide with the entry
     * @param now the ledger's clock, in microseconds
     */
    Outcome onSnapshot(@Nullable Entry known, CheckedSnapshot report, long now) {
        if (known != null && known.stage() == Stage.COMPLETE) {
            return Outcome.store(known);
        }
        Entry entry = known != null ? known : Entry.waiting(new Timers(now, now + retention.settleAfterMicros()));
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
                // An entry that was stored before keeps the end of its wait as due time: changing it would cost a
                // write.
                yield attribute(known == null ? dueAfterClose(settled, now) : settled, false)
                        .withNaming(naming);
            }
            case DORMANT -> attribute(dueAfterClose(reported.at(Stage.SETTLED), now), false);
            case SETTLED, COMPLETE -> attribute(reported, false);
        };
    }

    /**
     * Processes an entry that is due.
     *
     * @param now the ledger's clock, in microseconds
     */
    Outcome checkDue(Entry entry, long now) {
        return switch (entry.stage()) {
            case WAITING -> {
                Naming naming = name(entry, true);
                yield naming == null
                        ? Outcome.store(entry)
                        : attribute(dueAfterClose(settle(entry, naming), now), false)
                                .withNaming(naming);
            }
            case SETTLED -> checkSettled(entry, now);
            case DORMANT, COMPLETE -> {
                long end = entry.lastReportedAt() + retention.reportRetentionMicros();
                yield Outcome.store(now >= end ? null : entry.dueAt(end));
            }
        };
    }

    /** How long a waiting entry has waited, in microseconds. */
    long waitedMicros(Entry waiting, long now) {
        return Math.clamp(now - (waiting.dueAt() - retention.settleAfterMicros()), 0, Long.MAX_VALUE);
    }

    private Entry dueAfterClose(Entry entry, long now) {
        return entry.dueAt(now + retention.closedRetentionMicros());
    }

    private Outcome checkSettled(Entry entry, long now) {
        boolean ending = entry.halves().oneHasEnded();
        long end =
                entry.lastReportedAt() + (ending ? retention.closedRetentionMicros() : retention.idleRetentionMicros());
        if (now < end) {
            return Outcome.store(entry.dueAt(Math.min(end, now + retention.closedRetentionMicros())));
        }
        Outcome last = attribute(entry, true);
        Entry remembered = (last.entry() == null ? entry : last.entry())
                .shrunk(isComplete(entry))
                .dueAt(entry.lastReportedAt() + retention.reportRetentionMicros());
        return new Outcome(
                remembered, last.delta(), last.foldedBytes(), last.udpServerBytes(), last.events(), last.unresolved());
    }

    /**
     * A connection is complete if all its halves have ended, no other half can follow, and it is not folded. Later
     * reports of an incomplete connection are compared with its counters.
     */
    private static boolean isComplete(Entry entry) {
        boolean hasAllHalves = entry.assignment().onlyOneHalf() || (entry.client() != null && entry.server() != null);
        return entry.halves().allHaveEnded() && !entry.isFolded() && hasAllHalves;
    }

    /**
     * Whether the report is of the client's end. A guessed role is replaced by what the sockets of the known halves
     * show.
     */
    private static boolean isClient(Entry entry, CheckedSnapshot report) {
        if (!report.roleGuessed()) {
            return report.client();
        }
        long socket = report.half().socket();
        if (entry.client() != null) {
            return entry.client().socket() == socket;
        }
        if (entry.server() != null) {
            return entry.server().socket() != socket;
        }
        return report.client();
    }

    private Entry merged(Entry entry, CheckedSnapshot report, long now) {
        boolean client = isClient(entry, report);
        Half known = entry.halves().of(client);
        Half half = known == null ? newHalf(entry, report) : known.merge(report.half());
        List<Long> samples = samples(entry, report, known, client);
        Entry merged = entry.with(entry.halves().with(client, half), samples);
        boolean nothingNew = merged.equals(entry) && now - entry.lastReportedAt() < REPORT_RESOLUTION_MICROS;
        return nothingNew ? entry : merged.reportedAt(Math.max(now, entry.lastReportedAt()));
    }

    private Half newHalf(Entry entry, CheckedSnapshot report) {
        boolean needsEnd = entry.stage() == Stage.WAITING || activity != null;
        return needsEnd ? report.half() : report.half().withoutEnd();
    }

    /**
     * Samples of one end are enough; those of the client are preferred, because they are what its application
     * experiences.
     */
    private static List<Long> samples(Entry entry, CheckedSnapshot report, @Nullable Half known, boolean client) {
        long newest = known != null
                ? known.observedAt()
                : entry.stage() == Stage.DORMANT ? entry.attributed().until() : 0;
        boolean isNew = report.rttMicros() > 0 && report.half().observedAt() > newest;
        boolean isPreferred = client || entry.client() == null;
        if (!isNew || !isPreferred || entry.rttSamples().size() >= MAX_RTT_SAMPLES) {
            return entry.rttSamples();
        }
        List<Long> samples = new ArrayList<>(entry.rttSamples());
        samples.add(report.rttMicros());
        return samples;
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
        // The other end may report the same bytes of a folded sum or of a UDP flow, and the two reports cannot be
        // paired. So
        // such bytes are attributed to a link only if no other report can exist.
        boolean canBePaired = !entry.isFolded() && !entry.isUdp();
        boolean counts = canBePaired || !naming.otherEndReports();
        boolean onlyOneHalf = entry.hasOneHalfByNature() || !naming.otherEndReports();
        return entry.settled(
                new LinkAssignment(counts ? Bytes.wrap(linkKeys.encode(naming.link())) : null, onlyOneHalf),
                activity != null);
    }

    /**
     * Attributes the growth since the last time to the link.
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
            return new Outcome(published, null, 0, 0, events, List.of());
        }
        LinkDelta delta = CounterRules.delta(entry, before, after);
        long bytes = delta.traffic().bytes();
        boolean folded = entry.isFolded();
        boolean leftToClient = entry.link() == null && !folded;
        return new Outcome(
                published.withAttributed(after),
                entry.link() == null ? null : delta,
                folded ? bytes : 0,
                leftToClient ? bytes : 0,
                events,
                List.of());
    }
}
