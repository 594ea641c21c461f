package io.natator.enricher.cluster;

import io.natator.enricher.ownership.PodLifecycle;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Combines the statuses of a pod's containers. Not thread-safe. */
final class ContainerStatuses {
    private final Function<String, @Nullable Instant> times;
    private boolean anyRunning;
    private boolean anyTerminated;
    private @Nullable Instant firstStart;
    private @Nullable Instant lastEnd;

    /** @param times parses a time; returns null for text that is no time */
    ContainerStatuses(Function<String, @Nullable Instant> times) {
        this.times = times;
    }

    void add(Map<?, ?> status) {
        Map<?, ?> state = JsonFields.object(status, "state");
        anyRunning |= state.get("running") instanceof Map<?, ?>;
        started(JsonFields.object(state, "running"));
        started(JsonFields.object(JsonFields.object(status, "lastState"), "terminated"));
        if (state.get("terminated") instanceof Map<?, ?> terminated) {
            anyTerminated = true;
            started(terminated);
            Instant end = times.apply(JsonFields.text(terminated, "finishedAt"));
            lastEnd = lastEnd == null || (end != null && end.isAfter(lastEnd)) ? end : lastEnd;
        }
    }

    PodLifecycle.Containers containers() {
        return new PodLifecycle.Containers(anyRunning, anyTerminated, firstStart, lastEnd);
    }

    /** The earlier of a time and the first start of a container; null if both are unknown. */
    @Nullable
    Instant firstStartOr(@Nullable Instant time) {
        return earliest(time, firstStart);
    }

    private void started(Map<?, ?> run) {
        firstStart = earliest(firstStart, times.apply(JsonFields.text(run, "startedAt")));
    }

    private static @Nullable Instant earliest(@Nullable Instant a, @Nullable Instant b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.isBefore(b) ? a : b;
    }
}
