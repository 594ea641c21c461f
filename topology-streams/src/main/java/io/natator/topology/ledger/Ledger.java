package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.identity.WorkloadResolver;
import io.natator.topology.identity.WorkloadResolver.Naming;
import io.natator.topology.identity.WorkloadResolver.Span;
import io.natator.topology.link.LinkDelta;
import io.natator.topology.state.TopologyStatistics.Unresolved;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which what both ends of a connection say becomes growth of one link, each byte once. Pure: what it knows
 * is in the entry.
 *
 * <p>Both halves are the same bytes: client to server is the larger of what the client's peer acknowledged and what the
 * server received, and the mirror image. A connection is attributed once its link is known or the bound has passed;
 * after that its link never changes.
 *
 * <p>UDP has no sequence numbers, so its halves cannot be joined: each has a key of its own. A client's half counts,
 * alone; a server's half counts only where no client's half can exist, and is left to that one otherwise. So each
 * datagram counts once, through any NAT.
 *
 * <p>What leaves is remembered, small, for the report retention: an ended connection as nothing but ended, any other with
 * its link and what was counted, so that it goes on where it was. So every byte counts once as long as the reports of a
 * connection, duplicates included, reach the ledger no further apart than that; a report that comes later still is taken
 * for a new connection.
 */
final class Ledger {
    /** More samples than a connection reports while it waits. */
    private static final int MAX_RTT_SAMPLES = 64;

    /** A report that changes nothing is worth a write only this often. */
    private static final long REPORT_RESOLUTION_MICROS = 30_000_000;

    private final WorkloadResolver resolver;
    private final LedgerRetention bounds;
    private final @Nullable ActivityRules activity;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();

    /** A ledger that tells of links only. */
    Ledger(WorkloadResolver resolver, LedgerRetention bounds) {
        this(resolver, bounds, null);
    }

    /**
     * A ledger.
     *
     * @param activity tells of what single connections do; null for nobody wants to know
     */
    Ledger(WorkloadResolver resolver, LedgerRetention bounds, @Nullable ActivityRules activity) {
        this.resolver = resolver;
        this.bounds = bounds;
        this.activity = activity;
    }

    /**
     * What follows from a report, or from time having passed.
     *
     * @param entry what to keep, null to keep nothing
     * @param delta what to add to the entry's link, or null
     * @param foldedBytes growth of folded connections, whether it goes to a link or not
     * @param leftBytes growth of a UDP server's half that the client's half tells too
     * @param events what there is to tell of the connection, in order
     * @param unresolved what was missing when its link was decided, if that was now
     */
    record Outcome(
            @Nullable Entry entry,
            @Nullable LinkDelta delta,
            long foldedBytes,
            long udpServerBytes,
            List<ConnectionEvent> events,
            List<Unresolved> unresolved) {

        /** The step in which the link was decided. */
        Outcome withNaming(Naming naming) {
            LinkDelta owned = delta == null || (naming.clientOwner().isEmpty() && naming.dialledPort() == 0)
                    ? delta
                    : LinkDelta.newBuilder(delta)
                            .setClientOwner(naming.clientOwner())
                            .setDialledPort(naming.dialledPort())
                            .build();
            return new Outcome(entry, owned, foldedBytes, udpServerBytes, events, naming.unresolved());
        }

        static Outcome store(@Nullable Entry entry) {
            return new Outcome(entry, null, 0, 0, List.of(), List.of());
        }
    }

    /** Whether the report is of another socket than the one that holds its place in the entry. */
    static boolean collides(@Nullable Entry entry, CheckedSnapshot report) {
        if (entry == null || report.roleGuessed()) {
            return false;
        }
        Half known = report.client() ? entry.client() : entry.server();
        return known != null && known.socket() != report.half().socket();
    }

    /** Whether a later report says less than an earlier one of the same socket. */
    static boolean shrinks(@Nullable Entry entry, CheckedSnapshot report) {
        if (entry == null) {
            return false;
        }
        Half known = isClient(entry, report) ? entry.client() : entry.server();
        return known != null && report.half().shrinks(known);
    }

    /** Takes in a report that does not collide. */
    Outcome onSnapshot(@Nullable Entry known, CheckedSnapshot report, long now) {
        if (known != null && known.stage() == Stage.COMPLETE) {
            return Outcome.store(known);
        }
        Entry entry = known != null
                ? known
                : new Entry(
                        Stage.WAITING,
                        null,
                        null,
                        null,
                        false,
                        AttributedCounters.NOTHING,
                        List.of(),
                        now,
                        now + bounds.settleAfterMicros(),
                        AttributedCounters.NOTHING);
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
                // One that was known is looked at when its wait would have ended: moving that would be a write for
                // nothing.
                yield count(known == null ? settled.due(now + bounds.closedRetentionMicros()) : settled, false)
                        .withNaming(naming);
            }
            case DORMANT -> count(reported.at(Stage.SETTLED).due(now + bounds.closedRetentionMicros()), false);
            case SETTLED, COMPLETE -> count(reported, false);
        };
    }

    /** Looks at an entry whose time has come. */
    Outcome checkDue(Entry entry, long now) {
        return switch (entry.stage()) {
            case WAITING -> {
                Naming naming = name(entry, true);
                yield naming == null
                        ? Outcome.store(entry)
                        : count(settle(entry, naming).due(now + bounds.closedRetentionMicros()), false)
                                .withNaming(naming);
            }
            case SETTLED -> dueSettled(entry, now);
            case DORMANT, COMPLETE -> {
                long end = entry.lastReportedAt() + bounds.reportRetentionMicros();
                yield now >= end ? Outcome.store(null) : Outcome.store(entry.due(end));
            }
        };
    }

    /** How long an entry that waits has waited, in microseconds. */
    long waitedMicros(Entry waiting, long now) {
        return Math.clamp(now - (waiting.dueAt() - bounds.settleAfterMicros()), 0, Long.MAX_VALUE);
    }

    private Outcome dueSettled(Entry entry, long now) {
        long retention = entry.isEnding() ? bounds.closedRetentionMicros() : bounds.idleRetentionMicros();
        long end = entry.lastReportedAt() + retention;
        if (now < end) {
            return Outcome.store(entry.due(Math.min(end, now + bounds.closedRetentionMicros())));
        }
        Outcome last = count(entry, true);
        // Only what no other half can add to is complete. The rest is still measured against, should it be heard of.
        boolean complete = entry.hasEnded()
                && !entry.isFolded()
                && (entry.alone() || (entry.client() != null && entry.server() != null));
        Entry remembered = (last.entry() == null ? entry : last.entry())
                .shrunk(complete ? Stage.COMPLETE : Stage.DORMANT)
                .due(entry.lastReportedAt() + bounds.reportRetentionMicros());
        return new Outcome(
                remembered, last.delta(), last.foldedBytes(), last.udpServerBytes(), last.events(), last.unresolved());
    }

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
        Half known = client ? entry.client() : entry.server();
        Half half = known == null
                ? (entry.stage() == Stage.WAITING || activity != null
                        ? report.half()
                        : report.half().withoutEndpoint())
                : known.merge(report.half());
        List<Long> samples = entry.rttSamples();
        long newest = known != null
                ? known.observedAt()
                : entry.stage() == Stage.DORMANT ? entry.counted().until() : 0;
        // One end's samples are enough; the client's are the ones its application feels.
        if (report.rttMicros() > 0
                && report.half().observedAt() > newest
                && (client || entry.client() == null)
                && samples.size() < MAX_RTT_SAMPLES) {
            samples = new ArrayList<>(samples);
            samples.add(report.rttMicros());
        }
        Entry reported = entry.with(
                client ? half : entry.client(), client ? entry.server() : half, samples, entry.lastReportedAt());
        boolean nothingNew = reported.equals(entry) && now - entry.lastReportedAt() < REPORT_RESOLUTION_MICROS;
        return nothingNew
                ? entry
                : reported.with(reported.client(), reported.server(), samples, Math.max(now, entry.lastReportedAt()));
    }

    private @Nullable Naming name(Entry entry, boolean decide) {
        Half either = entry.either();
        if (either == null) {
            return null;
        }
        return resolver.name(
                endpoint(entry.client()), endpoint(entry.server()), isLone(entry), span(entry, either), decide);
    }

    /** Whether by nature only one end reports. */
    private static boolean isLone(Entry entry) {
        return entry.hasFailed() || entry.isFolded() || entry.isDatagrams();
    }

    private static @Nullable ConnectionEnd endpoint(@Nullable Half half) {
        return half == null ? null : half.endpoint();
    }

    private static Span span(Entry entry, Half either) {
        long until = either.observedAt();
        if (entry.server() != null) {
            until = Math.max(until, entry.server().observedAt());
        }
        return new Span(instant(either.startedAt()), instant(until));
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private Entry settle(Entry entry, Naming naming) {
        // Folded bytes between two internal ends may also be in the other end's report, which they cannot be matched
        // with, nor can a UDP server's with its client's: they go to a link only where no such report can exist.
        boolean canBeMatched = !entry.isFolded() && !entry.isDatagrams();
        return entry.settled(
                canBeMatched || !naming.otherEndReports() ? Bytes.wrap(linkKeys.encode(naming.link())) : null,
                isLone(entry) || !naming.otherEndReports(),
                activity != null);
    }

    /** The growth since the last time. */
    private Outcome count(Entry entry, boolean bound) {
        Half either = entry.either();
        if (either == null) {
            return Outcome.store(entry);
        }
        AttributedCounters before = entry.counted();
        AttributedCounters after = CounterRules.after(entry, bound);
        List<ConnectionEvent> events = activity == null ? List.of() : activity.events(entry, after, bound);
        Entry published = events.isEmpty() ? entry : entry.reporting(after);
        if (after.equals(before) && entry.rttSamples().isEmpty()) {
            return new Outcome(published, null, 0, 0, events, List.of());
        }
        LinkDelta delta = CounterRules.delta(entry, before, after);
        long bytes = delta.getBytesToServer() + delta.getBytesToClient();
        boolean folded = entry.isFolded();
        boolean udpServer = entry.link() == null && !folded;
        return new Outcome(
                published.counting(after),
                entry.link() == null ? null : delta,
                folded ? bytes : 0,
                udpServer ? bytes : 0,
                events,
                List.of());
    }
}
