package io.natator.enricher;

import io.natator.schemas.IdentityProgress;
import java.time.Instant;

/** The progress of the previous writer, as the partitions of the topic contain it. Not thread-safe. */
final class RestoredProgress {
    private Instant earliest = Instant.MAX;
    private int read;
    private int expected;

    void add(IdentityProgress ofPartition) {
        read++;
        expected = Math.max(expected, ofPartition.getPartitions());
        earliest = ofPartition.getCompleteAsOf().isBefore(earliest) ? ofPartition.getCompleteAsOf() : earliest;
    }

    /** The topic contains everything up to this time; {@link Instant#MIN} if no writer has written its progress everywhere. */
    Instant completeAsOf() {
        return expected == 0 || read < expected ? Instant.MIN : earliest;
    }
}
