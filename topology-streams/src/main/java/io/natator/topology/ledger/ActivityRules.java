package io.natator.topology.ledger;

import io.natator.topology.link.Micros;
import io.natator.topology.link.Traffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides which activity events (for security tools) a connection has: one event when it opens, one when it ends, and
 * while it is open at most one event per interval for its traffic. If the last of these events does not contain all
 * traffic, one more event is published when the connection leaves the ledger. So the events of a connection contain the
 * same traffic as its link. Pure.
 *
 * @param interval minimum time between two traffic events of an open connection ({@code --activity-interval})
 */
public record ActivityRules(Duration interval) {
    /**
     * The events that one step of the ledger (a report or a check) causes, in order.
     *
     * @param entry the entry before the step; without a link there are no events
     * @param after the counters that the link has counted after the step
     * @param leaving whether the connection leaves the ledger
     */
    List<ConnectionEvent> events(Entry entry, AttributedCounters after, boolean leaving) {
        if (entry.link() == null) {
            return List.of();
        }
        AttributedCounters before = entry.attributed();
        boolean closes = after.connections().closed() > before.connections().closed();
        List<ConnectionEvent> events = new ArrayList<>();
        if (after.connections().failed() > before.connections().failed()) {
            String reason = FailureReasons.of(entry);
            events.add(event(
                    entry, after, reason.equals(FailureReasons.REFUSED) ? Activity.REFUSE : Activity.FAIL, reason));
        } else if (after.connections().opened() > before.connections().opened() && !entry.isFolded()) {
            events.add(closes ? openingWithoutTraffic(entry, after) : event(entry, after, Activity.OPEN, ""));
        }
        if (closes) {
            String reason = FailureReasons.of(entry);
            events.add(event(
                    entry,
                    after,
                    reason.isEmpty() ? Activity.CLOSE : Activity.RESET,
                    entry.halves().allHaveEnded() ? reason : ConnectionEvent.REPORTS_CEASED));
        } else if (events.isEmpty()
                && grows(entry.atLastEvent(), after)
                && (leaving || isIntervalOver(entry.atLastEvent(), after))) {
            events.add(event(entry, after, Activity.TRAFFIC, ""));
        }
        return events;
    }

    private boolean isIntervalOver(AttributedCounters atLastEvent, AttributedCounters after) {
        return after.until() - atLastEvent.until() >= Micros.of(interval);
    }

    private static boolean grows(AttributedCounters atLastEvent, AttributedCounters after) {
        Traffic growth = after.traffic().minus(atLastEvent.traffic());
        return growth.bytesToServer() > 0 || growth.bytesToClient() > 0;
    }

    /**
     * The opening event of a connection that opens and ends in the same step. It has no traffic; all traffic is in the
     * closing event.
     */
    private static ConnectionEvent openingWithoutTraffic(Entry entry, AttributedCounters after) {
        ConnectionEvent opening = event(entry, after, Activity.OPEN, "");
        long startedAt = opening.times().startedAt();
        return new ConnectionEvent(
                Activity.OPEN,
                opening.ends(),
                Traffic.NONE,
                Traffic.NONE,
                EventTimes.builder()
                        .startedAt(startedAt)
                        .since(startedAt)
                        .at(startedAt)
                        .build(),
                1,
                "");
    }

    private static ConnectionEvent event(Entry entry, AttributedCounters after, Activity activity, String reason) {
        AttributedCounters atLastEvent = entry.atLastEvent();
        Half half = entry.halves().either();
        long startedAt = half == null ? after.until() : Math.min(entry.halves().startedAt(), after.until());
        return new ConnectionEvent(
                activity,
                entry.halves().ends(),
                after.traffic().minus(atLastEvent.traffic()),
                after.traffic(),
                EventTimes.builder()
                        .startedAt(startedAt)
                        .since(atLastEvent.isEmpty() ? startedAt : atLastEvent.until())
                        .at(activity == Activity.OPEN ? startedAt : after.until())
                        .build(),
                half == null ? 1 : half.counters().connections(),
                reason);
    }
}
