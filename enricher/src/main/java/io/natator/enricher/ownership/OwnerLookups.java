package io.natator.enricher.ownership;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pods wait for which controllers, and which of those are to be looked up. One that could not be read is looked up
 * again later, as long as a pod waits for it. Not thread-safe.
 */
final class OwnerLookups {
    /** A right that was missing may have been granted by then. */
    static final Duration AGAIN_AFTER = Duration.ofMinutes(5);
    /** Look-ups repeated per call of {@link #expire} at most. */
    static final int AGAIN_AT_ONCE = 100;

    /** A controller that could not be read. */
    private record Unreadable(WantedController controller, Instant due) {}

    /** The pods whose climb ended at a controller, by its UID. */
    private final Map<String, Set<String>> waiting = new HashMap<>();
    /** The UID of the controller at which a pod's climb ended. */
    private final Map<String, String> missing = new HashMap<>();

    private final Map<String, WantedController> wanted = new LinkedHashMap<>();
    /** Looked up, and not answered yet. */
    private final Map<String, WantedController> asked = new HashMap<>();
    /** In the order in which they are due. */
    private final Map<String, Unreadable> unreadable = new LinkedHashMap<>();

    /**
     * A pod's climb ended.
     *
     * @param at the controller that has to be known to climb on; null if the top was reached
     * @param hopeless a look-up of it has failed, or would: it is not asked for
     */
    void climbEnded(ClusterObject.Pod pod, @Nullable OwnerReference at, boolean hopeless) {
        if (at == null) {
            forget(pod.uid());
            return;
        }
        if (!at.uid().equals(missing.get(pod.uid()))) {
            forget(pod.uid());
            missing.put(pod.uid(), at.uid());
            waiting.computeIfAbsent(at.uid(), uid -> new HashSet<>()).add(pod.uid());
        }
        if (!hopeless && !asked.containsKey(at.uid())) {
            ask(new WantedController(at, pod.namespace()));
        }
    }

    /** True if pods wait for this controller. */
    boolean isAwaited(String controllerUid) {
        return waiting.containsKey(controllerUid);
    }

    private void ask(WantedController controller) {
        String uid = controller.reference().uid();
        asked.put(uid, controller);
        wanted.put(uid, controller);
    }

    /** The pod does not wait any more. */
    void forget(String podUid) {
        String uid = missing.remove(podUid);
        Set<String> waiters = uid == null ? null : waiting.get(uid);
        if (waiters != null) {
            waiters.remove(podUid);
            if (waiters.isEmpty()) {
                waiting.remove(uid);
            }
        }
    }

    /**
     * A controller is known, or known not to exist.
     *
     * @return the UIDs of the pods that waited for it
     */
    List<String> answered(String controllerUid) {
        asked.remove(controllerUid);
        wanted.remove(controllerUid);
        unreadable.remove(controllerUid);
        return waitersOf(controllerUid);
    }

    /**
     * A controller exists or not, which cannot be told now.
     *
     * @return the UIDs of the pods that wait for it, and go on to
     */
    List<String> unreadable(String controllerUid, Instant now) {
        WantedController controller = asked.remove(controllerUid);
        if (controller != null) {
            unreadable.remove(controllerUid);
            unreadable.put(controllerUid, new Unreadable(controller, now.plus(AGAIN_AFTER)));
        }
        return waitersOf(controllerUid);
    }

    private List<String> waitersOf(String controllerUid) {
        return List.copyOf(waiting.getOrDefault(controllerUid, Set.of()));
    }

    /** Asks again for what is due. */
    void expire(Instant now) {
        int again = 0;
        for (Iterator<Unreadable> all = unreadable.values().iterator(); all.hasNext() && again < AGAIN_AT_ONCE; ) {
            Unreadable next = all.next();
            if (next.due().isAfter(now)) {
                return;
            }
            all.remove();
            if (waiting.containsKey(next.controller().reference().uid())) {
                ask(next.controller());
                again++;
            }
        }
    }

    /** What is to be looked up since the last call. */
    List<WantedController> take() {
        List<WantedController> taken = new ArrayList<>(wanted.values());
        wanted.clear();
        return taken;
    }
}
