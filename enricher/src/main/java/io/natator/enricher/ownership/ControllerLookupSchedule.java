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
 * Which pods wait for which controllers, and which of these controllers have to be looked up. A controller that could not
 * be read is requested again later, as long as a pod waits for it. Not thread-safe.
 */
final class ControllerLookupSchedule {
    /** Enough time for a person to grant a missing right. */
    static final Duration RETRY_AFTER = Duration.ofMinutes(5);
    /** Maximum look-ups repeated per call of {@link #checkDue}. */
    static final int RETRIES_AT_ONCE = 100;

    /** A controller that could not be read. */
    private record Unreadable(ControllerRequest controller, Instant due) {}

    /** The pods whose climb ended at a controller, by the controller's UID. */
    private final Map<String, Set<String>> waiting = new HashMap<>();
    /** The UID of the controller at which a pod's climb ended, by the pod's UID. */
    private final Map<String, String> missing = new HashMap<>();

    /** Requests since the last {@link #drainRequests}. */
    private final Map<String, ControllerRequest> requests = new LinkedHashMap<>();
    /** Requested, and not resolved yet. */
    private final Map<String, ControllerRequest> pending = new HashMap<>();
    /** In the order in which they are due. */
    private final Map<String, Unreadable> unreadable = new LinkedHashMap<>();

    /**
     * The pod waits for a controller, and for no other one any more.
     *
     * @param noLookup a look-up has failed or is impossible, so none is requested
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

    /** The pod no longer waits. */
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
     * The controller is known, or known not to exist.
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
     * The look-up failed, so it is unknown whether the controller exists.
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

    /** Requests the unreadable controllers again that are due. */
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

    /** The controllers to look up that were requested since the last call. */
    List<ControllerRequest> drainRequests() {
        List<ControllerRequest> drained = new ArrayList<>(requests.values());
        requests.clear();
        return drained;
    }
}
