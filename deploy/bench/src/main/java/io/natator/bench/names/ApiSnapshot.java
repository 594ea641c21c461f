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

/** The present objects of the API, and the owners that their ownerReferences name. The objects are read by lists. */
final class ApiSnapshot {
    private static final int MAX_STEPS = 16;

    /**
     * The owners of a pod.
     *
     * @param direct the pod's controller; null if it has none
     * @param top the highest controller that can be read; the pod itself if it has none
     * @param certain true if neither the pod nor one of its controllers has ever had another controller
     */
    record Owners(@Nullable ObjectRef direct, ObjectRef top, boolean certain) {}

    private final Recorder recorder;
    private final Map<String, RecordedObject> objects = new LinkedHashMap<>();
    private final Map<String, RecordedObject> nodes = new HashMap<>();

    private ApiSnapshot(Recorder recorder) {
        this.recorder = recorder;
    }

    static ApiSnapshot of(KubernetesApi api, Recorder recorder) {
        var snapshot = new ApiSnapshot(recorder);
        for (RecordedKind kind : RecordedKind.values()) {
            api.list(kind.path).forEach(object -> {
                var seen = new RecordedObject(kind, object, Instant.now());
                snapshot.objects.put(seen.uid, seen);
                if (kind == RecordedKind.NODE) {
                    snapshot.nodes.put(seen.name, seen);
                }
            });
        }
        return snapshot;
    }

    List<RecordedObject> of(RecordedKind kind) {
        return objects.values().stream().filter(seen -> seen.kind == kind).toList();
    }

    boolean has(String uid) {
        return objects.containsKey(uid);
    }

    Optional<RecordedObject> node(String name) {
        return Optional.ofNullable(nodes.get(name));
    }

    private Optional<RecordedObject> find(String uid) {
        return Optional.ofNullable(objects.get(uid)).or(() -> recorder.find(uid));
    }

    /** Finds the direct and the top controller of a pod. Controllers that are already deleted count too. */
    Owners owners(RecordedObject pod) {
        @Nullable ObjectRef direct = null;
        var top = new ObjectRef("Pod", pod.namespace, pod.workloadName);
        boolean certain = recorder.find(pod.uid).filter(seen -> !seen.moved).isPresent();
        RecordedObject.@Nullable Reference controller = pod.fields.controller();
        for (int step = 0;
                step < MAX_STEPS && controller != null && !controller.kind().equals("Node");
                step++) {
            top = new ObjectRef(controller.kind(), pod.namespace, controller.name());
            direct = direct == null ? top : direct;
            Optional<RecordedObject> above = find(controller.uid());
            if (above.isEmpty() || above.get().kind == RecordedKind.SECRET_ROLLOUT) {
                break;
            }
            top = new ObjectRef(controller.kind(), pod.namespace, above.get().workloadName);
            certain &=
                    recorder.find(controller.uid()).filter(seen -> !seen.moved).isPresent();
            controller = above.get().fields.controller();
        }
        return new Owners(direct, top, certain);
    }

    /**
     * The present owner of each address. If objects of several kinds have an address, the first of this list owns it:
     * node, Service, pod, EndpointSlice.
     */
    Map<String, RecordedObject> owners() {
        Map<String, RecordedObject> owners = new HashMap<>();
        Set<String> contested = new HashSet<>();
        for (RecordedKind kind :
                List.of(RecordedKind.NODE, RecordedKind.SERVICE, RecordedKind.POD, RecordedKind.ENDPOINT_SLICE)) {
            for (RecordedObject seen : of(kind)) {
                for (String address : seen.addresses()) {
                    RecordedObject other = owners.putIfAbsent(address, seen);
                    if (other != null && other.kind == kind && !isSameService(other, seen)) {
                        contested.add(address);
                    }
                }
            }
        }
        if (!contested.isEmpty()) {
            throw new IllegalStateException("the cluster itself assigned these addresses twice: " + contested);
        }
        return owners;
    }

    private static boolean isSameService(RecordedObject one, RecordedObject other) {
        return one.kind == RecordedKind.ENDPOINT_SLICE
                && one.namespace.equals(other.namespace)
                && one.fields.slice().service().equals(other.fields.slice().service());
    }

    /** The pods behind a Service; empty if it has no pods, or if some of its endpoints are no pods. */
    Optional<List<RecordedObject>> backends(RecordedObject service) {
        Set<String> uids = new HashSet<>();
        for (RecordedObject slice : of(RecordedKind.ENDPOINT_SLICE)) {
            if (slice.namespace.equals(service.namespace)
                    && slice.fields.slice().service().equals(service.name)) {
                if (slice.fields.slice().otherEndpoints()) {
                    return Optional.empty();
                }
                uids.addAll(slice.fields.slice().pods());
            }
        }
        List<RecordedObject> pods = uids.stream()
                .map(objects::get)
                .filter(java.util.Objects::nonNull)
                .toList();
        return pods.isEmpty() || pods.size() != uids.size() ? Optional.empty() : Optional.of(pods);
    }
}
