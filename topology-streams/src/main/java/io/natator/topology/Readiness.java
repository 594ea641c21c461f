package io.natator.topology;

import io.natator.topology.statistics.TopologyStatistics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether this instance is ready: the stream is running, its state is restored, and snapshots arrive. Snapshots
 * count as missing if none arrives for two heartbeat intervals. An instance whose identities are old is ready, because
 * it still counts all traffic, but it says so.
 */
final class Readiness {
    private static final int MISSED_HEARTBEATS = 2;

    private final Supplier<@Nullable KafkaStreams> streams;
    private final Supplier<@Nullable String> failure;
    private final TopologyStatistics statistics;
    private final Duration patience;
    private final InstantSource clock;
    private final IdentityFreshness identities;

    Readiness(
            Supplier<@Nullable KafkaStreams> streams,
            Supplier<@Nullable String> failure,
            TopologyStatistics statistics,
            Duration heartbeatInterval,
            InstantSource clock,
            IdentityFreshness identities) {
        this.streams = streams;
        this.failure = failure;
        this.statistics = statistics;
        this.patience = heartbeatInterval.multipliedBy(MISSED_HEARTBEATS);
        this.clock = clock;
        this.identities = identities;
    }

    /** Why new connections can get worse names, although the instance is ready; empty if they cannot. */
    Optional<String> warning() {
        return identities.problem();
    }

    /** Why the instance failed; empty if it has not failed. */
    Optional<String> failure() {
        return Optional.ofNullable(failure.get());
    }

    /**
     * Why the API cannot read any partition of any instance; empty if it is possible that some partitions can be read.
     */
    Optional<String> apiUnavailable() {
        KafkaStreams running = streams.get();
        return running != null && running.state() == KafkaStreams.State.REBALANCING && failure.get() == null
                ? Optional.empty()
                : storesUnreadable();
    }

    /** Why the stores of this instance cannot be read; empty if they can be read. */
    private Optional<String> storesUnreadable() {
        String failed = failure.get();
        if (failed != null) {
            return Optional.of(failed);
        }
        KafkaStreams running = streams.get();
        if (running == null) {
            return Optional.of("waiting for the broker");
        }
        KafkaStreams.State state = running.state();
        return switch (state) {
            case RUNNING -> Optional.empty();
            case CREATED, REBALANCING -> Optional.of("the stream is " + state + ": taking over or restoring its state");
            case PENDING_SHUTDOWN, NOT_RUNNING, PENDING_ERROR, ERROR -> Optional.of("the stream is " + state);
        };
    }

    /** Why the instance is not ready, in one line; empty if it is ready. */
    Optional<String> notReady() {
        Optional<String> stores = storesUnreadable();
        if (stores.isPresent() || statistics.ledgerTasks.get() == 0) {
            // An instance without partitions is ready too. There are such instances if there are more instances than
            // partitions.
            return stores;
        }
        long last = statistics.lastSnapshotMillis.get();
        if (last == 0) {
            return Optional.of("no connection snapshot has been received yet: is a collector running?");
        }
        long silentMillis = clock.millis() - last;
        return silentMillis <= patience.toMillis()
                ? Optional.empty()
                : Optional.of("no connection snapshot for " + silentMillis / 1000 + " s: are the collectors running?");
    }
}
