package io.natator.enricher.ownership;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the moment at which an owner got an address. The API does not report that moment, so it is known
 * by bounds only.
 *
 * @param from the owner got the address at this time or later
 * @param running start of a second in which the owner certainly had the address; null if unknown
 * @param seenBy the time at which the owner was observed with the address
 * @param wasSeenWithout true if the previous observation showed the owner without the address
 */
record Acquisition(Instant from, @Nullable Instant running, Instant seenBy, boolean wasSeenWithout) {
    /** Creates the bounds for an owner that got the address between its previous observation and now. */
    static Acquisition observed(Instant now) {
        return new Acquisition(now, null, now, true);
    }

    /** Creates the bounds for an owner that can have had the address since the owner was created. */
    static Acquisition sinceCreation(@Nullable Instant created, Instant now) {
        return new Acquisition(created == null ? now : created, null, now, false);
    }

    /** @param wasSeenBefore true if the pod was observed earlier, without the address */
    static Acquisition ofPod(ClusterObject.Pod pod, boolean wasSeenBefore, Instant now) {
        return new Acquisition(startOf(pod, now), pod.lifecycle().running(), now, wasSeenBefore);
    }

    private static Instant startOf(ClusterObject.Pod pod, Instant now) {
        Instant start = pod.lifecycle().started() == null
                ? pod.created()
                : pod.lifecycle().started();
        return start == null ? now : OwnershipTimeline.earlier(start, now);
    }

    /**
     * Returns the bounds for an address that the owner had already when it was last observed. So {@code now} is not the
     * latest time at which the owner can have got it.
     */
    Acquisition ofHeldAddress(Instant now) {
        return new Acquisition(from, running, now, false);
    }

    /** The latest time at which the owner can have got the address; null if unknown. */
    @Nullable
    Instant latest() {
        if (running == null) {
            return wasSeenWithout ? seenBy : null;
        }
        return OwnershipTimeline.earlier(running.plus(ClusterObject.TIME_RESOLUTION), seenBy);
    }
}
