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

/** Which workload answers behind a Service, as its EndpointSlices and their pods tell. Not thread-safe. */
final class Backends {
    /** What is known of a Service's backend. */
    sealed interface Verdict {
        /** No endpoints, or some whose pods are not known (yet): nothing that would change what was known before. */
        record Unknown() implements Verdict {}

        /**
         * All endpoints are known.
         *
         * @param workload the one they belong to, null where there are several, or endpoints that are no pods
         * @param zone where all of them stand; empty where they do not stand in one zone, or it is not known
         * @param region the same of their region
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

    /** @param identityOfPod who the pod with a UID is, null where it is not known */
    Backends(Function<String, @Nullable Identity> identityOfPod) {
        this.identityOfPod = identityOfPod;
    }

    /** What a Service is called here. */
    static String service(String namespace, String name) {
        return namespace + "/" + name;
    }

    void observe(ClusterObject.EndpointSlice slice) {
        var now = new Slice(
                service(slice.namespace(), slice.service()),
                slice.pods(),
                slice.onlyPods() && slice.addresses().isEmpty());
        Slice before = slices.get(slice.uid());
        if (now.equals(before)) {
            return;
        }
        gone(slice.uid());
        slices.put(slice.uid(), now);
        slicesOfService
                .computeIfAbsent(now.service(), service -> new HashSet<>(2))
                .add(slice.uid());
        now.pods().forEach(pod -> servicesOfPod.merge(pod, List.of(now.service()), Backends::joined));
        changed.add(now.service());
    }

    private static List<String> joined(List<String> one, List<String> other) {
        List<String> all = new ArrayList<>(one);
        all.addAll(other);
        return List.copyOf(all);
    }

    /** The slice is deleted; nothing if it is none. */
    void gone(String sliceUid) {
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

    /** The list without one of the elements, null where nothing is left. */
    private static @Nullable List<String> without(List<String> services, String service) {
        List<String> rest = new ArrayList<>(services);
        rest.remove(service);
        return rest.isEmpty() ? null : List.copyOf(rest);
    }

    /** The pod's workload or zone may be another one than before. */
    void podChanged(String uid) {
        changed.addAll(servicesOfPod.getOrDefault(uid, List.of()));
    }

    /** The Services to look at again since the last call. */
    Set<String> takeChanged() {
        Set<String> taken = Set.copyOf(changed);
        changed.clear();
        return taken;
    }

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

    /** What all of them have; empty where they differ. */
    private static String common(List<Identity> pods, Function<Identity, String> property) {
        String first = property.apply(pods.getFirst());
        return pods.stream().allMatch(pod -> property.apply(pod).equals(first)) ? first : "";
    }
}
