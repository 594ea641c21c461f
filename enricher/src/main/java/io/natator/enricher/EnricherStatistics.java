package io.natator.enricher;

import io.natator.enricher.cluster.WatchStatistics;
import io.natator.enricher.ownership.OwnershipModel;
import java.util.concurrent.atomic.LongAdder;

/** What an enricher counts of itself. Thread-safe. */
final class EnricherStatistics {
    private final WatchStatistics watch = new WatchStatistics();
    private final LongAdder written = new LongAdder();
    private final LongAdder unreadable = new LongAdder();
    private final LongAdder deposed = new LongAdder();
    private volatile OwnershipModel.Size size = NOTHING;

    private static final OwnershipModel.Size NOTHING = new OwnershipModel.Size(0, 0, 0, 0, 0, 0, 0, 0);

    WatchStatistics watch() {
        return watch;
    }

    /** Records committed to the topic, tombstones included. */
    LongAdder written() {
        return written;
    }

    /** Records of the topic that could not be read back. */
    LongAdder unreadable() {
        return unreadable;
    }

    /** How often another writer took the topic over. */
    LongAdder deposed() {
        return deposed;
    }

    OwnershipModel.Size size() {
        return size;
    }

    void size(OwnershipModel.Size value) {
        size = value;
    }

    /** This enricher holds nothing any more. */
    void clearSize() {
        size = NOTHING;
    }
}
