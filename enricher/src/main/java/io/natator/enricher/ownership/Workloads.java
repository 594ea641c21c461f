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
 * The controllers of the cluster, and the climb from a pod's direct controller to the top one. Not thread-safe.
 *
 * <p>A node that "controls" its static pods is no workload: those pods stand for themselves.
 */
final class Workloads {
    static final int MAX_STEPS = 16;
    /** Kinds that are not watched are looked up one by one; so many of them, and of failed look-ups, are remembered. */
    private static final int REMEMBERED = 20_000;

    private record Known(ObjectRef ref, @Nullable OwnerReference controller) {}

    /**
     * How far the climb got.
     *
     * @param direct the direct controller; null where the pod has none
     * @param top the highest controller known; null where the pod has none
     * @param missing what has to be looked up to climb on; null where the top is reached
     * @param hopeless the look-up of {@code missing} has failed
     * @param below the controllers between the pod and {@code top}
     */
    record Climb(
            @Nullable ObjectRef direct,
            @Nullable ObjectRef top,
            @Nullable OwnerReference missing,
            boolean hopeless,
            List<ObjectRef> below) {
        /** True if the climb went on above this workload. */
        boolean passes(ObjectRef workload) {
            return !workload.equals(top) && below.contains(workload);
        }
    }

    private final Map<String, Known> watched = new HashMap<>();
    private final Map<String, Known> lookedUp = remembering();
    private final Map<String, Boolean> unknown = remembering();

    private static <V> Map<String, V> remembering() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }

    /** A controller of a watched kind; true if pods below it may now have another top. */
    boolean put(ClusterObject.Controller controller) {
        unknown.remove(controller.uid());
        Known previous = watched.put(controller.uid(), new Known(controller.ref(), controller.controller()));
        return previous != null && !Objects.equals(previous.controller(), controller.controller());
    }

    /** A controller that was looked up. */
    void found(ClusterObject.Controller controller) {
        unknown.remove(controller.uid());
        lookedUp.put(controller.uid(), new Known(controller.ref(), controller.controller()));
    }

    /** There is no such object, or it cannot be read: a climb does not wait for it. */
    void unavailable(String uid) {
        unknown.put(uid, true);
    }

    void remove(String uid) {
        if (watched.remove(uid) != null) {
            unavailable(uid);
        }
    }

    /** Climbs from a pod's controller. */
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
                // By reference it is as good as found, except that what is above it is not known.
                var assumed = new ObjectRef(reference.kind(), namespace, reference.name());
                boolean hopeless = unknown.containsKey(reference.uid());
                return new Climb(direct == null ? assumed : direct, assumed, reference, hopeless, with(below, top));
            }
            below = with(below, top);
            top = known.ref();
            direct = direct == null ? top : direct;
            OwnerReference next = known.controller();
            if (next == null || isNode(next)) {
                return new Climb(direct, top, null, false, below);
            }
            reference = next;
        }
        return new Climb(direct, top, null, false, below); // a circle of owners
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
