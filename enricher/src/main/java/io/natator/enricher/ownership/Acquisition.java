package io.natator.enricher.ownership;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the moment at which an owner got an address.
 *
 * @param from the owner got it no earlier
 * @param running the start of a second in which the owner certainly had it; null if unknown
 * @param seenBy the owner had it by then, because it was observed with it
 * @param wasSeenWithout the observation before this one showed the owner without the address
 */
record Acquisition(Instant from, @Nullable Instant running, Instant seenBy, boolean wasSeenWithout) {
    private static final Duration ONE_SECOND = Duration.ofSeconds(1);

    /** The owner got the address between the previous observation and now. */
    static Acquisition observed(Instant now) {
        return new Acquisition(now, null, now, true);
    }

    /** The owner may have had the address since its creation. */
    static Acquisition sinceCreation(@Nullable Instant created, Instant now) {
        return new Acquisition(created == null ? now : created, null, now, false);
    }

    /** @param wasSeenBefore the pod was observed before */
    static Acquisition ofPod(ClusterObject.Pod pod, boolean wasSeenBefore, Instant now) {
        return new Acquisition(startOf(pod, now), pod.lifecycle().running(), now, wasSeenBefore);
    }

    private static Instant startOf(ClusterObject.Pod pod, Instant now) {
        Instant start = pod.lifecycle().started() == null
                ? pod.created()
                : pod.lifecycle().started();
        return start == null ? now : OwnershipTimeline.earlier(start, now);
    }

    /** The same for an address that the owner already held: the observation is no news about its acquisition. */
    Acquisition ofHeldAddress(Instant now) {
        return new Acquisition(from, running, now, false);
    }

    /** The owner had the address by then; null if unknown. */
    @Nullable
    Instant latest() {
        if (running == null) {
            return wasSeenWithout ? seenBy : null;
        }
        return OwnershipTimeline.earlier(running.plus(ONE_SECOND), seenBy);
    }
}
