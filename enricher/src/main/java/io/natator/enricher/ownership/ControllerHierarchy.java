package io.natator.enricher.ownership;

import io.natator.schemas.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Stores the controllers of the cluster, and finds the top controller of a pod (such as a Deployment). The search
 * begins at the pod's direct controller (such as a ReplicaSet), follows the references to further controllers, and is
 * called a climb. Not thread-safe.
 *
 * <p>The controller of a static pod is its node. The climb ignores nodes, so a static pod is its own workload.
 */
final class ControllerHierarchy {
    /**
     * Maximum number of controllers between a pod and its top controller. Without a limit, references that form a
     * circle would be followed for ever.
     */
    static final int MAX_STEPS = 16;
    /**
     * Maximum entries in the cache of found controllers, and in the cache of failed look-ups. The least recently used
     * entry is evicted.
     */
    private static final int CACHE_SIZE = 20_000;

    private record Known(
            ObjectRef ref, ObjectRef workload, @Nullable OwnerReference controller) {
        Known(ClusterObject.Controller found) {
            this(found.ref(), found.workload(), found.controller());
        }
    }

    /**
     * The result of the climb from a pod to its top controller.
     *
     * @param direct the pod's direct controller; null if the pod has none
     * @param top the workload of the highest controller that is known; null if the pod has no controller
     * @param missing the controller that has to be looked up before the climb can continue; null if {@code top} is
     *     final
     * @param lookupFailed true if the look-up of {@code missing} has failed
     * @param below the workloads of the controllers between the pod and {@code top}
     */
    record Climb(
            @Nullable ObjectRef direct,
            @Nullable ObjectRef top,
            @Nullable OwnerReference missing,
            boolean lookupFailed,
            List<ObjectRef> below) {
        /** Returns true if this workload has a controller that was found. */
        boolean passes(ObjectRef workload) {
            return !workload.equals(top) && below.contains(workload);
        }
    }

    private final Map<String, Known> watched = new HashMap<>();
    private final Map<String, Known> lookedUp = cache();
    private final Map<String, Boolean> unavailable = cache();

    private static <V> Map<String, V> cache() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > CACHE_SIZE;
            }
        };
    }

    /** Stores a controller of a watched kind. Returns true if its own controller or its workload has changed. */
    boolean putWatched(ClusterObject.Controller controller) {
        unavailable.remove(controller.uid());
        Known previous = watched.put(controller.uid(), new Known(controller));
        return previous != null
                && !(Objects.equals(previous.controller(), controller.controller())
                        && previous.workload().equals(controller.workload()));
    }

    /** Stores a controller that was looked up. */
    void putLookedUp(ClusterObject.Controller controller) {
        unavailable.remove(controller.uid());
        lookedUp.put(controller.uid(), new Known(controller));
    }

    /** Records that a controller does not exist or cannot be read, so that pods do not wait for it. */
    void onUnavailable(String uid) {
        unavailable.put(uid, true);
    }

    /** Removes a watched controller that was deleted. Ignores UIDs of other objects. */
    void onDeleted(String uid) {
        if (watched.remove(uid) != null) {
            onUnavailable(uid);
        }
    }

    /** Follows the references from a pod's controller to its top controller. */
    Climb climb(@Nullable OwnerReference controller, String namespace) {
        if (controller == null || isNode(controller)) {
            return new Climb(null, null, null, false, List.of());
        }
        OwnerReference reference = controller;
        @Nullable ObjectRef direct = null;
        @Nullable ObjectRef top = null;
        List<ObjectRef> below = List.of();
        for (int step = 0; step < MAX_STEPS; step++) {
            Known known = watched.get(reference.uid());
            if (known == null) {
                known = lookedUp.get(reference.uid());
            }
            if (known == null) {
                // The pod can be named by this controller, because the reference contains its kind and name. Only the
                // controller above it is unknown.
                var assumed = new ObjectRef(reference.kind(), namespace, reference.name());
                if (reference.isServiceKind()) {
                    return new Climb(direct == null ? assumed : direct, assumed, null, false, with(below, top));
                }
                boolean lookupFailed = unavailable.containsKey(reference.uid());
                return new Climb(direct == null ? assumed : direct, assumed, reference, lookupFailed, with(below, top));
            }
            below = with(below, top);
            top = known.workload();
            direct = direct == null ? known.ref() : direct;
            OwnerReference next = known.controller();
            if (next == null || isNode(next)) {
                return new Climb(direct, top, null, false, below);
            }
            reference = next;
        }
        return new Climb(direct, top, null, false, below); // the references form a circle
    }

    private static List<ObjectRef> with(List<ObjectRef> below, @Nullable ObjectRef next) {
        if (next == null) {
            return below;
        }
        List<ObjectRef> longer = new ArrayList<>(below);
        longer.add(next);
        return longer;
    }

    private static boolean isNode(OwnerReference controller) {
        return controller.kind().equals("Node") && controller.apiVersion().equals("v1");
    }

    int size() {
        return watched.size() + lookedUp.size();
    }
}
