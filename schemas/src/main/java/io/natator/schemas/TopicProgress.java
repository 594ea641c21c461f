package io.natator.schemas;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Combines the progress of the partitions of {@link Topic#IDENTITIES}. Add the value of each record whose key starts with
 * {@link IdentityKeys#PROGRESS_PREFIX}; a later record of a key replaces the earlier one. Not thread-safe.
 */
public final class TopicProgress {
    private final Map<String, IdentityProgress> partitions = new HashMap<>();

    /** Creates a progress to which no partition has contributed. */
    public TopicProgress() {}

    /** Adds the latest progress of a partition. */
    public void add(String key, IdentityProgress progress) {
        partitions.put(key, progress);
    }

    /**
     * Returns the time up to which the topic contains everything that happened in the cluster; empty until every partition
     * has a progress.
     */
    public Optional<Instant> completeAsOf() {
        int expected = partitions.values().stream()
                .mapToInt(IdentityProgress::getPartitions)
                .max()
                .orElse(Integer.MAX_VALUE);
        return partitions.size() < expected
                ? Optional.empty()
                : partitions.values().stream()
                        .map(IdentityProgress::getCompleteAsOf)
                        .min(Instant::compareTo);
    }
}
