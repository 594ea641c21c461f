package io.natator.enricher;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The versioned objects of a {@link FakeApiServer}, and all events since its start. Objects are not validated, and an
 * object is created together with its status. Thread-safe.
 */
final class FakeApiObjects {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** A resource that the API server serves. */
    record Resource(String apiVersion, String plural, String kind, boolean namespaced) {
        String key() {
            return apiVersion + "/" + plural;
        }
    }

    /** A change of an object. Contains a copy of the object after the change. */
    record Event(long version, String type, ObjectNode object) {}

    /** Receives each event when it happens. Must not block. */
    interface Watcher {
        void onEvent(Event event);
    }

    private record Subscription(String key, String namespace, Watcher watcher) {}

    private final Map<String, Resource> resources = new LinkedHashMap<>();
    private final Map<String, Map<String, ObjectNode>> objects = new HashMap<>();
    private final Map<String, List<Event>> events = new HashMap<>();
    private final List<Subscription> watchers = new ArrayList<>();
    private long version = 1_000;

    FakeApiObjects() {
        serve("v1", "pods", "Pod", true);
        serve("v1", "services", "Service", true);
        serve("v1", "secrets", "Secret", true);
        serve("v1", "nodes", "Node", false);
        serve("v1", "namespaces", "Namespace", false);
        serve("v1", "replicationcontrollers", "ReplicationController", true);
        serve("apps/v1", "replicasets", "ReplicaSet", true);
        serve("apps/v1", "deployments", "Deployment", true);
        serve("apps/v1", "statefulsets", "StatefulSet", true);
        serve("apps/v1", "daemonsets", "DaemonSet", true);
        serve("batch/v1", "jobs", "Job", true);
        serve("batch/v1", "cronjobs", "CronJob", true);
        serve("discovery.k8s.io/v1", "endpointslices", "EndpointSlice", true);
        serve("coordination.k8s.io/v1", "leases", "Lease", true);
        serve("apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition", false);
    }

    private void serve(String apiVersion, String plural, String kind, boolean namespaced) {
        var resource = new Resource(apiVersion, plural, kind, namespaced);
        resources.put(resource.key(), resource);
    }

    synchronized Optional<Resource> resource(String apiVersion, String plural) {
        return Optional.ofNullable(resources.get(apiVersion + "/" + plural));
    }

    synchronized List<Resource> group(String apiVersion) {
        return resources.values().stream()
                .filter(resource -> resource.apiVersion().equals(apiVersion))
                .toList();
    }

    synchronized long version() {
        return version;
    }

    private Map<String, ObjectNode> of(Resource resource) {
        return objects.computeIfAbsent(resource.key(), key -> new LinkedHashMap<>());
    }

    /** All objects of a namespace; of all namespaces if it is empty. */
    synchronized List<ObjectNode> list(Resource resource, String namespace) {
        return of(resource).values().stream()
                .filter(object -> isIn(object, namespace))
                .map(ObjectNode::deepCopy)
                .toList();
    }

    private static boolean isIn(ObjectNode object, String namespace) {
        return namespace.isEmpty()
                || namespace.equals(object.path("metadata").path("namespace").asString(""));
    }

    synchronized @Nullable ObjectNode get(Resource resource, String namespace, String name) {
        ObjectNode found = of(resource).get(namespace + "/" + name);
        return found == null ? null : found.deepCopy();
    }

    /** Creates an object; returns null if an object of this name exists. */
    synchronized @Nullable ObjectNode create(Resource resource, String namespace, ObjectNode object) {
        ObjectNode metadata = object.withObject("/metadata");
        if (!namespace.isEmpty()) {
            metadata.put("namespace", namespace);
        }
        String key = namespace + "/" + metadata.path("name").asString();
        if (of(resource).containsKey(key)) {
            return null;
        }
        object.put("kind", resource.kind());
        object.put("apiVersion", resource.apiVersion());
        metadata.put("uid", UUID.randomUUID().toString());
        metadata.put(
                "creationTimestamp",
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        store(resource, key, object, "ADDED");
        if (resource.kind().equals("CustomResourceDefinition")) {
            serveCustom(object.path("spec"));
        }
        return object.deepCopy();
    }

    private void serveCustom(JsonNode spec) {
        for (JsonNode served : spec.path("versions")) {
            serve(
                    spec.path("group").asString() + "/" + served.path("name").asString(),
                    spec.path("names").path("plural").asString(),
                    spec.path("names").path("kind").asString(),
                    spec.path("scope").asString().equals("Namespaced"));
        }
    }

    private void store(Resource resource, String key, ObjectNode object, String type) {
        object.withObject("/metadata").put("resourceVersion", Long.toString(++version));
        of(resource).put(key, object);
        publish(resource, type, object);
    }

    private void publish(Resource resource, String type, ObjectNode object) {
        var event = new Event(version, type, object.deepCopy());
        events.computeIfAbsent(resource.key(), key -> new ArrayList<>()).add(event);
        sendToWatchers(resource, event);
    }

    private void sendToWatchers(Resource resource, Event event) {
        for (Subscription watching : watchers) {
            if (watching.key().equals(resource.key()) && isIn(event.object(), watching.namespace())) {
                watching.watcher().onEvent(event);
            }
        }
    }

    /**
     * Changes an object.
     *
     * @return false if the given resource version is not the current one
     */
    synchronized boolean update(Resource resource, String namespace, ObjectNode object) {
        String key = namespace + "/" + object.path("metadata").path("name").asString();
        ObjectNode before = of(resource).get(key);
        String requested = object.path("metadata").path("resourceVersion").asString("");
        if (before == null
                || !(requested.isEmpty()
                        || requested.equals(
                                before.path("metadata").path("resourceVersion").asString()))) {
            return false;
        }
        object.withObject("/metadata")
                .put("uid", before.path("metadata").path("uid").asString());
        store(resource, key, object, "MODIFIED");
        return true;
    }

    /** Applies a JSON merge patch (RFC 7396). */
    static void mergePatch(ObjectNode target, ObjectNode patch) {
        patch.properties().forEach(entry -> {
            if (entry.getValue().isNull()) {
                target.remove(entry.getKey());
            } else if (entry.getValue() instanceof ObjectNode inner
                    && target.get(entry.getKey()) instanceof ObjectNode at) {
                mergePatch(at, inner);
            } else {
                target.set(entry.getKey(), entry.getValue());
            }
        });
    }

    /** Deletes an object and returns it; returns null if it did not exist. */
    synchronized @Nullable ObjectNode delete(Resource resource, String namespace, String name) {
        ObjectNode removed = of(resource).remove(namespace + "/" + name);
        if (removed != null) {
            removed.withObject("/metadata").put("resourceVersion", Long.toString(++version));
            publish(resource, "DELETED", removed);
        }
        return removed;
    }

    /** Sends a bookmark to the watches of a resource. */
    synchronized void bookmark(String plural) {
        for (Resource resource : resources.values()) {
            if (resource.plural().equals(plural)) {
                for (Subscription watching : List.copyOf(watchers)) {
                    if (watching.key().equals(resource.key())) {
                        watching.watcher().onEvent(new Event(version, "BOOKMARK", bookmarkOf(resource)));
                    }
                }
            }
        }
    }

    synchronized ObjectNode bookmarkOf(Resource resource) {
        ObjectNode object = JSON.createObjectNode();
        object.put("kind", resource.kind());
        object.put("apiVersion", resource.apiVersion());
        object.withObject("/metadata")
                .put("resourceVersion", Long.toString(version))
                .putNull("creationTimestamp");
        return object;
    }

    /**
     * Sends the events since a version to the watcher, then all further events. Running the returned action stops this.
     */
    synchronized Runnable watch(Resource resource, String namespace, long since, Watcher watcher) {
        for (Event event : events.getOrDefault(resource.key(), List.of())) {
            if (event.version() > since && isIn(event.object(), namespace)) {
                watcher.onEvent(event);
            }
        }
        var watching = new Subscription(resource.key(), namespace, watcher);
        watchers.add(watching);
        return () -> {
            synchronized (this) {
                watchers.remove(watching);
            }
        };
    }

    /** The response to a request for an object's metadata only. */
    static ObjectNode metadataOf(ObjectNode object) {
        ObjectNode partial = JSON.createObjectNode();
        partial.put("kind", "PartialObjectMetadata");
        partial.put("apiVersion", "meta.k8s.io/v1");
        partial.set("metadata", object.path("metadata"));
        return partial;
    }

    static ArrayNode array(List<ObjectNode> items) {
        ArrayNode array = JSON.createArrayNode();
        items.forEach(array::add);
        return array;
    }
}
