package io.natator.enricher.ownership;

import io.natator.schemas.Identity;
import io.natator.schemas.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The workload behind each Service, derived from its EndpointSlices and their pods. Not thread-safe. */
final class ServiceBackends {
    /** What is known about a Service's backend. */
    sealed interface Verdict {
        /**
         * The Service has no endpoints, or some of its pods are not known yet. The backend that was known before
         * remains valid.
         */
        record Unknown() implements Verdict {}

        /**
         * All endpoints are known.
         *
         * @param workload the workload of all endpoints; null if there are several workloads, or endpoints that are no
         *     pods
         * @param zone the zone of all endpoints; empty if there are several zones, or if the zone is unknown
         * @param region the region of all endpoints; empty if there are several regions, or if the region is unknown
         */
        record Known(@Nullable ObjectRef workload, String zone, String region) implements Verdict {}
    }

    private static final Verdict UNKNOWN = new Verdict.Unknown();
    private static final Verdict SEVERAL = new Verdict.Known(null, "", "");

    private record Slice(String service, Set<String> pods, boolean onlyPods) {}

    private final Function<String, @Nullable Identity> identityOfPod;
    private final Map<String, Slice> slices = new HashMap<>();
    private final Map<String, Set<String>> slicesOfService = new HashMap<>();
    private final Map<String, List<String>> servicesOfPod = new HashMap<>();
    private final Set<String> changed = new HashSet<>();

    /** @param identityOfPod returns the identity of a pod by its UID; null if unknown */
    ServiceBackends(Function<String, @Nullable Identity> identityOfPod) {
        this.identityOfPod = identityOfPod;
    }

    /**
     * Returns true if a change of the backend starts a new span in the history of the Service's addresses. Connections
     * that were opened before the change reached the previous backend, so the previous span must still name it.
     *
     * @param previous null if no backend was known, so that the new backend is also that of the past
     */
    static boolean startsNewSpan(Verdict.@Nullable Known previous) {
        return previous != null;
    }

    /** The key of a Service, {@code namespace/name}. */
    static String keyOf(String namespace, String name) {
        return namespace + "/" + name;
    }

    void onEndpointSlice(ClusterObject.EndpointSlice slice) {
        var now = new Slice(
                keyOf(slice.namespace(), slice.service()),
                slice.pods(),
                slice.onlyPods() && slice.addresses().isEmpty());
        Slice before = slices.get(slice.uid());
        if (now.equals(before)) {
            return;
        }
        onDeleted(slice.uid());
        slices.put(slice.uid(), now);
        slicesOfService
                .computeIfAbsent(now.service(), service -> new HashSet<>(2))
                .add(slice.uid());
        now.pods().forEach(pod -> servicesOfPod.merge(pod, List.of(now.service()), ServiceBackends::joined));
        changed.add(now.service());
    }

    private static List<String> joined(List<String> one, List<String> other) {
        List<String> all = new ArrayList<>(one);
        all.addAll(other);
        return List.copyOf(all);
    }

    /** Removes an EndpointSlice that was deleted. Ignores UIDs of other objects. */
    void onDeleted(String sliceUid) {
        Slice slice = slices.remove(sliceUid);
        if (slice == null) {
            return;
        }
        Set<String> others = slicesOfService.get(slice.service());
        if (others != null) {
            others.remove(sliceUid);
            if (others.isEmpty()) {
                slicesOfService.remove(slice.service());
            }
        }
        slice.pods()
                .forEach(pod ->
                        servicesOfPod.computeIfPresent(pod, (key, services) -> without(services, slice.service())));
        changed.add(slice.service());
    }

    /** Returns the list of Services without one occurrence of the given Service; null if the result is empty. */
    private static @Nullable List<String> without(List<String> services, String service) {
        List<String> rest = new ArrayList<>(services);
        rest.remove(service);
        return rest.isEmpty() ? null : List.copyOf(rest);
    }

    /** Marks the Services of a pod as changed, because the pod's workload or zone has changed. */
    void onPodRenamed(String uid) {
        changed.addAll(servicesOfPod.getOrDefault(uid, List.of()));
    }

    /** Returns the keys of the Services whose backend has possibly changed since the last call. */
    Set<String> drainChanged() {
        Set<String> drained = Set.copyOf(changed);
        changed.clear();
        return drained;
    }

    /** @param service the Service's key, see {@link #keyOf} */
    Verdict of(String service) {
        List<Identity> pods = new ArrayList<>();
        boolean unknown = false;
        for (String sliceUid : slicesOfService.getOrDefault(service, Set.of())) {
            Slice slice = slices.get(sliceUid);
            if (slice == null) {
                continue;
            }
            if (!slice.onlyPods()) {
                return SEVERAL;
            }
            for (String uid : slice.pods()) {
                Identity pod = identityOfPod.apply(uid);
                unknown |= pod == null;
                if (pod != null) {
                    pods.add(pod);
                }
            }
        }
        if (pods.isEmpty()) {
            return UNKNOWN;
        }
        ObjectRef workload = pods.getFirst().getWorkload();
        if (pods.stream().anyMatch(pod -> !pod.getWorkload().equals(workload))) {
            return SEVERAL;
        }
        return unknown
                ? UNKNOWN
                : new Verdict.Known(workload, common(pods, Identity::getZone), common(pods, Identity::getRegion));
    }

    /** The value (zone or region) that all pods have; empty if their values differ. */
    private static String common(List<Identity> pods, Function<Identity, String> property) {
        String first = property.apply(pods.getFirst());
        return pods.stream().allMatch(pod -> property.apply(pod).equals(first)) ? first : "";
    }
}
