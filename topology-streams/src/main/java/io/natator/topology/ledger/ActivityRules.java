package io.natator.topology.ledger;

import io.natator.topology.siem.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What there is to tell of a connection whose counts grow: its opening, its end, and traffic once per interval while it
 * is open. What its events tell of traffic adds up to what is attributed of it: what grows after its last event is told
 * when it leaves the ledger. Pure.
 *
 * @param interval how often the traffic of a long connection is told
 */
record ActivityRules(Duration interval) {
    private static final String REFUSED = "REFUSED";

    /**
     * The events, in order.
     *
     * @param entry as it was attributed before, its link known
     * @param after what is attributed of it now
     * @param leaving whether it leaves the ledger
     */
    List<ConnectionEvent> events(Entry entry, AttributedCounters after, boolean leaving) {
        if (entry.link() == null) {
            return List.of();
        }
        AttributedCounters before = entry.counted();
        boolean ends = after.closed() > before.closed();
        List<ConnectionEvent> events = new ArrayList<>();
        if (after.failed() > before.failed()) {
            String reason = CounterRules.failure(entry);
            events.add(event(entry, after, reason.equals(REFUSED) ? Activity.REFUSE : Activity.FAIL, reason));
        } else if (after.opened() > before.opened() && !entry.isFolded()) {
            events.add(opening(entry, after, ends));
        }
        if (ends) {
            String reason = CounterRules.failure(entry);
            events.add(event(
                    entry,
                    after,
                    reason.isEmpty() ? Activity.CLOSE : Activity.RESET,
                    entry.hasEnded() ? reason : ConnectionEvent.REPORTS_CEASED));
        } else if (events.isEmpty()
                && grows(entry.reported(), after)
                && (leaving || after.until() - entry.reported().until() >= interval.toNanos() / 1000)) {
            events.add(event(entry, after, Activity.TRAFFIC, ""));
        }
        return events;
    }

    private static boolean grows(AttributedCounters reported, AttributedCounters after) {
        return after.bytesToServer() > reported.bytesToServer() || after.bytesToClient() > reported.bytesToClient();
    }

    /** Where it ends in the same report, its end tells of the traffic. */
    private static ConnectionEvent opening(Entry entry, AttributedCounters after, boolean ends) {
        ConnectionEvent whole = event(entry, after, Activity.OPEN, "");
        return ends
                ? new ConnectionEvent(
                        whole.activity(),
                        whole.client(),
                        whole.server(),
                        Volume.NONE,
                        Volume.NONE,
                        whole.startedAt(),
                        whole.startedAt(),
                        whole.startedAt(),
                        1,
                        "")
                : whole;
    }

    private static ConnectionEvent event(Entry entry, AttributedCounters after, Activity activity, String reason) {
        AttributedCounters reported = entry.reported();
        Half either = entry.either();
        long startedAt = either == null ? after.until() : Math.min(CounterRules.startedAt(entry), after.until());
        Volume total = volume(after);
        return new ConnectionEvent(
                activity,
                entry.client() == null ? null : entry.client().party(),
                entry.server() == null ? null : entry.server().party(),
                total.minus(volume(reported)),
                total,
                startedAt,
                reported.until() == 0 ? startedAt : reported.until(),
                activity == Activity.OPEN ? startedAt : after.until(),
                either == null ? 1 : either.connections(),
                reason);
    }

    private static Volume volume(AttributedCounters counted) {
        return new Volume(
                counted.bytesToServer(),
                counted.bytesToClient(),
                counted.segmentsToServer(),
                counted.segmentsToClient());
    }
}
