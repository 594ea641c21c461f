package io.natator.topology.siem;

import io.natator.topology.identity.ConnectionEnds;
import io.natator.topology.ledger.Activity;
import io.natator.topology.ledger.ConnectionEvent;
import io.natator.topology.ledger.EventTimes;
import io.natator.topology.link.Traffic;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Folds several events of one activity on one link into one event. Pure. */
final class FoldedEvents {
    /** Maximum number of folded events, which limits memory. Above the maximum, events are dropped and counted. */
    static final int MAX = 10_000;

    /** Interval between attempts to publish folded events. */
    static final Duration PUBLISH_INTERVAL = Duration.ofSeconds(1);

    private FoldedEvents() {}

    /**
     * The sum after adding an event.
     *
     * @param before null before the first event
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

    /** The event to publish, which is the sum of all folded events. */
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
