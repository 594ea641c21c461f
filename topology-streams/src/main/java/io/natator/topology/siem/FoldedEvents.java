package io.natator.topology.siem;

import io.natator.topology.identity.ConnectionEnds;
import io.natator.topology.ledger.Activity;
import io.natator.topology.ledger.ConnectionEvent;
import io.natator.topology.ledger.EventTimes;
import io.natator.topology.link.Traffic;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Folds several events of one link with the same activity, that is, adds them up to one event. Pure. */
final class FoldedEvents {
    /**
     * Maximum number of folded events (sums of events of one link) that wait to be published. It limits memory: further
     * events are dropped and counted.
     */
    static final int MAX = 10_000;

    /** Interval between attempts to publish folded events. */
    static final Duration PUBLISH_INTERVAL = Duration.ofSeconds(1);

    private FoldedEvents() {}

    /**
     * Adds an event to a sum of events, and returns the new sum.
     *
     * @param before the previous sum; null before the first event
     */
    static FoldedActivity add(@Nullable FoldedActivity before, ConnectionEvent event) {
        long at = event.times().at();
        Traffic traffic = before == null ? event.delta() : traffic(before).plus(event.delta());
        return FoldedActivity.newBuilder()
                .setCount((before == null ? 0 : before.getCount()) + event.count())
                .setFrom(before == null ? at : Math.min(before.getFrom(), at))
                .setUntil(before == null ? at : Math.max(before.getUntil(), at))
                .setBytesToServer(traffic.bytesToServer())
                .setBytesToClient(traffic.bytesToClient())
                .setSegmentsToServer(traffic.segmentsToServer())
                .setSegmentsToClient(traffic.segmentsToClient())
                .build();
    }

    /** Converts a sum of events to the event that is published for it. */
    static ConnectionEvent event(Activity activity, FoldedActivity folded) {
        Traffic traffic = traffic(folded);
        return new ConnectionEvent(
                activity,
                ConnectionEnds.NONE,
                traffic,
                traffic,
                EventTimes.builder()
                        .startedAt(folded.getFrom())
                        .since(folded.getFrom())
                        .at(folded.getUntil())
                        .build(),
                folded.getCount(),
                "");
    }

    private static Traffic traffic(FoldedActivity folded) {
        return Traffic.builder()
                .bytesToServer(folded.getBytesToServer())
                .bytesToClient(folded.getBytesToClient())
                .segmentsToServer(folded.getSegmentsToServer())
                .segmentsToClient(folded.getSegmentsToClient())
                .build();
    }
}
