package io.natator.enricher;

import io.natator.enricher.cluster.WatchStatistics;
import io.natator.enricher.ownership.OwnershipModel;
import io.natator.enricher.publish.IdentityTopic;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;

/** The counters of an enricher. Thread-safe. */
final class EnricherStatistics {
    private final WatchStatistics watch = new WatchStatistics();
    private final IdentityTopic.Statistics topic = new IdentityTopic.Statistics();
    private final LongAdder deposed = new LongAdder();
    private volatile OwnershipModel.Size size = OwnershipModel.Size.EMPTY;
    private volatile Instant completeAsOf = Instant.EPOCH;

    WatchStatistics watch() {
        return watch;
    }

    IdentityTopic.Statistics topic() {
        return topic;
    }

    /** How many times another writer took the topic over. */
    LongAdder deposed() {
        return deposed;
    }

    /** The size of the model at its last drain; {@link OwnershipModel.Size#EMPTY} if this enricher does not write. */
    OwnershipModel.Size size() {
        return size;
    }

    void onSize(OwnershipModel.Size value) {
        size = value;
    }

    /** The topic contains everything that happened in the cluster up to this time; the epoch while it is unknown. */
    Instant completeAsOf() {
        return completeAsOf;
    }

    void onCompleteAsOf(Instant value) {
        completeAsOf = value;
    }

    /** Called when this enricher stops writing and discards its model. */
    void clearSize() {
        size = OwnershipModel.Size.EMPTY;
        completeAsOf = Instant.EPOCH;
    }
}
