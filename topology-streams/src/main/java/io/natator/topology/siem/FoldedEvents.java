package io.natator.topology.siem;

import io.natator.topology.ledger.Activity;
import io.natator.topology.ledger.ConnectionEvent;
import org.jspecify.annotations.Nullable;

/** Sums up events of one activity on one link. Pure. */
final class FoldedEvents {
    private FoldedEvents() {}

    static FoldedActivity add(@Nullable FoldedActivity before, ConnectionEvent event) {
        Volume delta = event.delta();
        if (before == null) {
            return new FoldedActivity(
                    event.count(),
                    event.at(),
                    event.at(),
                    delta.bytesToServer(),
                    delta.bytesToClient(),
                    delta.segmentsToServer(),
                    delta.segmentsToClient());
        }
        return new FoldedActivity(
                before.getCount() + event.count(),
                Math.min(before.getFrom(), event.at()),
                Math.max(before.getUntil(), event.at()),
                before.getBytesToServer() + delta.bytesToServer(),
                before.getBytesToClient() + delta.bytesToClient(),
                before.getSegmentsToServer() + delta.segmentsToServer(),
                before.getSegmentsToClient() + delta.segmentsToClient());
    }

    /** One event that stands for all of them. */
    static ConnectionEvent event(Activity activity, FoldedActivity folded) {
        var volume = new Volume(
                folded.getBytesToServer(),
                folded.getBytesToClient(),
                folded.getSegmentsToServer(),
                folded.getSegmentsToClient());
        return new ConnectionEvent(
                activity,
                null,
                null,
                volume,
                volume,
                folded.getFrom(),
                folded.getFrom(),
                folded.getUntil(),
                folded.getCount(),
                "");
    }
}
