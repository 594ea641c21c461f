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

/**
 * Decides which controllers are looked up, and when: a controller is requested when the first pod waits for it, and
 * again 5 minutes after each failed look-up as long as a pod waits for it. Also stores which pods wait. Not
 * thread-safe.
 */
final class ControllerLookupSchedule {
    /**
     * Time between a failed look-up and the next one. The usual cause is a missing right, which a person has to grant.
     */
    static final Duration RETRY_AFTER = Duration.ofMinutes(5);
    /** Maximum number of look-ups that one call of {@link #checkDue} repeats. */
    static final int RETRIES_AT_ONCE = 100;

    /** A controller that could not be read. */
    private record Unreadable(ControllerRequest controller, Instant due) {}

    /** The UIDs of the pods that wait for a controller, by the controller's UID. */
    private final Map<String, Set<String>> waiting = new HashMap<>();
    /** The UID of the controller that a pod waits for, by the pod's UID. */
    private final Map<String, String> missing = new HashMap<>();

    /** The controllers to look up that {@link #drainRequests} has not returned yet, by UID. */
    private final Map<String, ControllerRequest> requests = new LinkedHashMap<>();
    /** The controllers that were requested and for which there is no result yet, by UID. */
    private final Map<String, ControllerRequest> pending = new HashMap<>();
    /** The controllers that could not be read, by UID, in the order in which they are requested again. */
    private final Map<String, Unreadable> unreadable = new LinkedHashMap<>();

    /**
     * Records that the pod waits for a controller. A pod waits for one controller at a time.
     *
     * @param noLookup true to request no look-up, because the look-up has failed already or is impossible
     */
    void await(ClusterObject.Pod pod, OwnerReference controller, boolean noLookup) {
        String uid = controller.uid();
        if (!uid.equals(missing.get(pod.uid()))) {
            removePod(pod.uid());
            missing.put(pod.uid(), uid);
            waiting.computeIfAbsent(uid, key -> new HashSet<>()).add(pod.uid());
        }
        if (!noLookup && !pending.containsKey(uid)) {
            request(new ControllerRequest(controller, pod.namespace()));
        }
    }

    /** Returns true if pods wait for this controller. */
    boolean contains(String controllerUid) {
        return waiting.containsKey(controllerUid);
    }

    private void request(ControllerRequest controller) {
        String uid = controller.reference().uid();
        pending.put(uid, controller);
        requests.put(uid, controller);
    }

    /** Records that the pod no longer waits for a controller. */
    void removePod(String podUid) {
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
     * Records that the controller was found, or that it does not exist.
     *
     * @return the UIDs of the pods that waited for it
     */
    List<String> onResolved(String controllerUid) {
        pending.remove(controllerUid);
        requests.remove(controllerUid);
        unreadable.remove(controllerUid);
        return waitersOf(controllerUid);
    }

    /**
     * Records that the look-up failed, so it is unknown whether the controller exists.
     *
     * @return the UIDs of the pods that still wait for it
     */
    List<String> onUnreadable(String controllerUid, Instant now) {
        ControllerRequest controller = pending.remove(controllerUid);
        if (controller != null) {
            unreadable.remove(controllerUid);
            unreadable.put(controllerUid, new Unreadable(controller, now.plus(RETRY_AFTER)));
        }
        return waitersOf(controllerUid);
    }

    private List<String> waitersOf(String controllerUid) {
        return List.copyOf(waiting.getOrDefault(controllerUid, Set.of()));
    }

    /** Requests each controller again whose last look-up failed at least 5 minutes ago, if a pod still waits for it. */
    void checkDue(Instant now) {
        int retries = 0;
        for (Iterator<Unreadable> all = unreadable.values().iterator(); all.hasNext() && retries < RETRIES_AT_ONCE; ) {
            Unreadable next = all.next();
            if (next.due().isAfter(now)) {
                return;
            }
            all.remove();
            if (contains(next.controller().reference().uid())) {
                request(next.controller());
                retries++;
            }
        }
    }

    /** Returns the controllers to look up that were requested since the last call. */
    List<ControllerRequest> drainRequests() {
        List<ControllerRequest> drained = new ArrayList<>(requests.values());
        requests.clear();
        return drained;
    }
}
