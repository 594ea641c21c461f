package io.natator.topology.ledger;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.activity.ConnectionEvent;
import io.natator.topology.identity.Endpoint;
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
    private static final long HEARD_RESOLUTION_MICROS = 30_000_000;

    private final WorkloadResolver resolver;
    private final LedgerBounds bounds;
    private final @Nullable ActivityRules activity;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();

    /** A ledger that tells of links only. */
    Ledger(WorkloadResolver resolver, LedgerBounds bounds) {
        this(resolver, bounds, null);
    }

    /**
     * A ledger.
     *
     * @param activity tells of what single connections do; null for nobody wants to know
     */
    Ledger(WorkloadResolver resolver, LedgerBounds bounds, @Nullable ActivityRules activity) {
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
    record Step(
            @Nullable Entry entry,
            @Nullable LinkDelta delta,
            long foldedBytes,
            long leftBytes,
            List<ConnectionEvent> events,
            List<Unresolved> unresolved) {

        /** The step in which the link was decided. */
        Step named(Naming naming) {
            LinkDelta owned = delta == null || (naming.clientOwner().isEmpty() && naming.dialledPort() == 0)
                    ? delta
                    : LinkDelta.newBuilder(delta)
                            .setClientOwner(naming.clientOwner())
                            .setDialledPort(naming.dialledPort())
                            .build();
            return new Step(entry, owned, foldedBytes, leftBytes, events, naming.unresolved());
        }

        static Step keep(@Nullable Entry entry) {
            return new Step(entry, null, 0, 0, List.of(), List.of());
        }
    }

    /** Whether the report is of another socket than the one that holds its place in the entry. */
    static boolean collides(@Nullable Entry entry, Observation report) {
        if (entry == null || report.roleGuessed()) {
            return false;
        }
        Half held = report.client() ? entry.client() : entry.server();
        return held != null && held.socket() != report.half().socket();
    }

    /** Whether a later report says less than an earlier one of the same socket. */
    static boolean shrinks(@Nullable Entry entry, Observation report) {
        if (entry == null) {
            return false;
        }
        Half held = isClient(entry, report) ? entry.client() : entry.server();
        return held != null && report.half().shrinks(held);
    }

    /** Takes in a report that does not collide. */
    Step hear(@Nullable Entry known, Observation report, long now) {
        if (known != null && known.stage() == Stage.COMPLETE) {
            return Step.keep(known);
        }
        Entry entry = known != null
                ? known
                : new Entry(
                        Stage.WAITING,
                        null,
                        null,
                        null,
                        false,
                        Counted.NOTHING,
                        List.of(),
                        now,
                        now + bounds.settleAfterMicros(),
                        Counted.NOTHING);
        Entry heard = taken(entry, report, now);
        if (heard.equals(known)) {
            return Step.keep(heard);
        }
        return switch (heard.stage()) {
            case WAITING -> {
                Naming naming = name(heard, false);
                if (naming == null) {
                    yield Step.keep(heard);
                }
                Entry settled = settle(heard, naming);
                // One that was known is looked at when its wait would have ended: moving that would be a write for
                // nothing.
                yield count(known == null ? settled.due(now + bounds.closedRetentionMicros()) : settled, false)
                        .named(naming);
            }
            case DORMANT -> count(heard.at(Stage.SETTLED).due(now + bounds.closedRetentionMicros()), false);
            case SETTLED, COMPLETE -> count(heard, false);
        };
    }

    /** Looks at an entry whose time has come. */
    Step due(Entry entry, long now) {
        return switch (entry.stage()) {
            case WAITING -> {
                Naming naming = name(entry, true);
                yield naming == null
                        ? Step.keep(entry)
                        : count(settle(entry, naming).due(now + bounds.closedRetentionMicros()), false)
                                .named(naming);
            }
            case SETTLED -> dueSettled(entry, now);
            case DORMANT, COMPLETE -> {
                long end = entry.heardAt() + bounds.reportRetentionMicros();
                yield now >= end ? Step.keep(null) : Step.keep(entry.due(end));
            }
        };
    }

    /** How long an entry that waits has waited, in microseconds. */
    long waited(Entry waiting, long now) {
        return Math.clamp(now - (waiting.dueAt() - bounds.settleAfterMicros()), 0, Long.MAX_VALUE);
    }

    private Step dueSettled(Entry entry, long now) {
        long retention = entry.isEnding() ? bounds.closedRetentionMicros() : bounds.idleRetentionMicros();
        long end = entry.heardAt() + retention;
        if (now < end) {
            return Step.keep(entry.due(Math.min(end, now + bounds.closedRetentionMicros())));
        }
        Step last = count(entry, true);
        // Only what no other half can add to is complete. The rest is still measured against, should it be heard of.
        boolean complete = entry.hasEnded()
                && !entry.isFolded()
                && (entry.alone() || (entry.client() != null && entry.server() != null));
        Entry remembered = (last.entry() == null ? entry : last.entry())
                .shrunk(complete ? Stage.COMPLETE : Stage.DORMANT)
                .due(entry.heardAt() + bounds.reportRetentionMicros());
        return new Step(
                remembered, last.delta(), last.foldedBytes(), last.leftBytes(), last.events(), last.unresolved());
    }

    private static boolean isClient(Entry entry, Observation report) {
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

    private Entry taken(Entry entry, Observation report, long now) {
        boolean client = isClient(entry, report);
        Half held = client ? entry.client() : entry.server();
        Half half = held == null
                ? (entry.stage() == Stage.WAITING || activity != null
                        ? report.half()
                        : report.half().withoutEndpoint())
                : held.merge(report.half());
        List<Long> samples = entry.rttSamples();
        long newest = held != null
                ? held.observedAt()
                : entry.stage() == Stage.DORMANT ? entry.counted().until() : 0;
        // One end's samples are enough; the client's are the ones its application feels.
        if (report.rttMicros() > 0
                && report.half().observedAt() > newest
                && (client || entry.client() == null)
                && samples.size() < MAX_RTT_SAMPLES) {
            samples = new ArrayList<>(samples);
            samples.add(report.rttMicros());
        }
        Entry heard =
                entry.with(client ? half : entry.client(), client ? entry.server() : half, samples, entry.heardAt());
        boolean nothingNew = heard.equals(entry) && now - entry.heardAt() < HEARD_RESOLUTION_MICROS;
        return nothingNew ? entry : heard.with(heard.client(), heard.server(), samples, Math.max(now, entry.heardAt()));
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

    private static @Nullable Endpoint endpoint(@Nullable Half half) {
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
    private Step count(Entry entry, boolean bound) {
        Half either = entry.either();
        if (either == null) {
            return Step.keep(entry);
        }
        Counted before = entry.counted();
        Counted after = Counting.after(entry, bound);
        List<ConnectionEvent> events = activity == null ? List.of() : activity.events(entry, after, bound);
        Entry told = events.isEmpty() ? entry : entry.reporting(after);
        if (after.equals(before) && entry.rttSamples().isEmpty()) {
            return new Step(told, null, 0, 0, events, List.of());
        }
        LinkDelta delta = Counting.delta(entry, before, after);
        long bytes = delta.getBytesToServer() + delta.getBytesToClient();
        boolean folded = entry.isFolded();
        boolean left = entry.link() == null && !folded;
        return new Step(
                told.counting(after),
                entry.link() == null ? null : delta,
                folded ? bytes : 0,
                left ? bytes : 0,
                events,
                List.of());
    }
}
