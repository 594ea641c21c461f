package io.natator.bench.names;

import io.natator.schemas.ObjectRef;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the API has now, by lists, and who is who by its ownerReferences. */
final class Snapshot {
    private static final int MOST_STEPS = 16;

    /**
     * Who a pod belongs to.
     *
     * @param direct its controller; null where it has none
     * @param top the highest one that can be read; the pod itself where it has none
     * @param certain nothing between the two has ever had another controller
     */
    record Owners(@Nullable ObjectRef direct, ObjectRef top, boolean certain) {}

    private final Recorder recorder;
    private final Map<String, Seen> objects = new LinkedHashMap<>();
    private final Map<String, Seen> nodes = new HashMap<>();

    private Snapshot(Recorder recorder) {
        this.recorder = recorder;
    }

    static Snapshot of(KubernetesApi api, Recorder recorder) {
        var snapshot = new Snapshot(recorder);
        for (WatchedKind kind : WatchedKind.values()) {
            api.list(kind.path).forEach(object -> {
                var seen = new Seen(kind, object, Instant.now());
                snapshot.objects.put(seen.uid, seen);
                if (kind == WatchedKind.NODE) {
                    snapshot.nodes.put(seen.name, seen);
                }
            });
        }
        return snapshot;
    }

    List<Seen> of(WatchedKind kind) {
        return objects.values().stream().filter(seen -> seen.kind == kind).toList();
    }

    boolean has(String uid) {
        return objects.containsKey(uid);
    }

    Optional<Seen> node(String name) {
        return Optional.ofNullable(nodes.get(name));
    }

    private Optional<Seen> find(String uid) {
        return Optional.ofNullable(objects.get(uid)).or(() -> recorder.find(uid));
    }

    /** Up from a pod, past controllers that are deleted already. */
    Owners owners(Seen pod) {
        @Nullable ObjectRef direct = null;
        var top = new ObjectRef("Pod", pod.namespace, pod.name);
        boolean certain = recorder.find(pod.uid).filter(seen -> !seen.moved).isPresent();
        Seen.@Nullable Reference controller = pod.essence.controller();
        for (int step = 0;
                step < MOST_STEPS && controller != null && !controller.kind().equals("Node");
                step++) {
            top = new ObjectRef(controller.kind(), pod.namespace, controller.name());
            direct = direct == null ? top : direct;
            Optional<Seen> above = find(controller.uid());
            if (above.isEmpty() || above.get().kind == WatchedKind.SECRET_ROLLOUT) {
                break;
            }
            certain &=
                    recorder.find(controller.uid()).filter(seen -> !seen.moved).isPresent();
            controller = above.get().essence.controller();
        }
        return new Owners(direct, top, certain);
    }

    /** Who has which address now, by rank: a node's is never a pod's. */
    Map<String, Seen> owners() {
        Map<String, Seen> owners = new HashMap<>();
        Set<String> contested = new HashSet<>();
        for (WatchedKind kind :
                List.of(WatchedKind.NODE, WatchedKind.SERVICE, WatchedKind.POD, WatchedKind.ENDPOINT_SLICE)) {
            for (Seen seen : of(kind)) {
                for (String address : seen.addresses()) {
                    Seen other = owners.putIfAbsent(address, seen);
                    if (other != null && other.kind == kind && !isSameService(other, seen)) {
                        contested.add(address);
                    }
                }
            }
        }
        if (!contested.isEmpty()) {
            throw new IllegalStateException("the cluster itself gave these addresses to two: " + contested);
        }
        return owners;
    }

    private static boolean isSameService(Seen one, Seen other) {
        return one.kind == WatchedKind.ENDPOINT_SLICE
                && one.namespace.equals(other.namespace)
                && one.essence.service().equals(other.essence.service());
    }

    /** The pods behind a Service; empty where there are none, or endpoints that are no pods. */
    Optional<List<Seen>> backends(Seen service) {
        Set<String> uids = new HashSet<>();
        for (Seen slice : of(WatchedKind.ENDPOINT_SLICE)) {
            if (slice.namespace.equals(service.namespace)
                    && slice.essence.service().equals(service.name)) {
                if (slice.essence.otherEndpoints()) {
                    return Optional.empty();
                }
                uids.addAll(slice.essence.pods());
            }
        }
        List<Seen> pods = uids.stream()
                .map(objects::get)
                .filter(java.util.Objects::nonNull)
                .toList();
        return pods.isEmpty() || pods.size() != uids.size() ? Optional.empty() : Optional.of(pods);
    }
}
