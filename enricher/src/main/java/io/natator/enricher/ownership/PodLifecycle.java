package io.natator.enricher.ownership;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a pod has started, runs or has finished, and when it released its addresses. The API cuts the times to
 * seconds.
 *
 * @param started {@code status.startTime}: the kubelet has accepted the pod; null if unknown
 * @param running the earliest sign of a working sandbox: network ready, or the first container's start; null if there
 *     is none
 * @param finished all containers have ended and will not be started again, so the pod has released its addresses
 * @param ended the end of the last container; null if the pod has not finished, or if the API does not report the end
 */
public record PodLifecycle(
        @Nullable Instant started,
        @Nullable Instant running,
        boolean finished,
        @Nullable Instant ended) {
    /** The lifecycle of a pod of which nothing has started. */
    static final PodLifecycle PENDING = new PodLifecycle(null, null, false, null);

    /**
     * The containers of a pod: init, ordinary and ephemeral ones together.
     *
     * @param firstStart the earliest start of a container; null if unknown
     * @param lastEnd the latest end of a terminated container; null if unknown
     */
    public record Containers(
            boolean anyRunning,
            boolean anyTerminated,
            @Nullable Instant firstStart,
            @Nullable Instant lastEnd) {}

    /**
     * Decides whether a pod has finished. A pod has finished if no container runs any more, and either its phase is
     * final ({@code Succeeded} or {@code Failed}) or it is being deleted and a container has terminated.
     *
     * @param phase {@code status.phase}
     * @param beingDeleted the pod has a {@code metadata.deletionTimestamp}
     */
    public static PodLifecycle of(
            String phase,
            boolean beingDeleted,
            Containers containers,
            @Nullable Instant started,
            @Nullable Instant running) {
        boolean over =
                phase.equals("Succeeded") || phase.equals("Failed") || (beingDeleted && containers.anyTerminated());
        boolean finished = over && !containers.anyRunning();
        return new PodLifecycle(started, running, finished, finished ? containers.lastEnd() : null);
    }

    /** The time by which a finished pod had certainly released its addresses. */
    Instant releasedBy(Instant now) {
        return ended == null ? now : OwnershipTimeline.earlier(ended.plus(ClusterObject.TIME_RESOLUTION), now);
    }
}
