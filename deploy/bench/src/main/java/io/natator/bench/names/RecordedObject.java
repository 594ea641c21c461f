package io.natator.bench.names;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An object of the cluster as the recorder has seen it, and a while beyond its deletion. Guarded by the recorder. */
final class Seen {
    /** The API's times are cut to seconds. */
    private static final Duration ONE_SECOND = Duration.ofSeconds(1);

    /** Another object by reference. */
    record Reference(String apiVersion, String kind, String name, String uid) {}

    /**
     * An address that the object had.
     *
     * @param order the version of the object when it was first seen with it: a later owner's is higher
     * @param from it certainly had it from then on
     */
    record Hold(long order, Instant from) {}

    final WatchedKind kind;
    final String uid;
    final String namespace;
    final String name;
    final Map<String, Hold> holds = new LinkedHashMap<>();
    JsonFields.Essence essence;
    /** Its controller is another one than when it was first seen. */
    boolean moved;

    final Instant seenFirst;
    private boolean isNew = true;
    /** It is certain up to this moment that it had its addresses; null while nothing says that it has given them back. */
    @Nullable
    Instant certainUntil;

    /** The recorder has seen that it is gone; null while it exists. */
    @Nullable
    Instant goneBy;

    Seen(WatchedKind kind, JsonNode object, Instant now) {
        this.kind = kind;
        JsonNode metadata = object.path("metadata");
        uid = metadata.path("uid").asString();
        namespace = metadata.path("namespace").asString("");
        name = metadata.path("name").asString();
        essence = JsonFields.of(kind, object);
        seenFirst = now;
    }

    void observe(JsonNode object, Instant now) {
        JsonFields.Essence before = essence;
        essence = JsonFields.of(kind, object);
        moved |= !java.util.Objects.equals(before.controller(), essence.controller());
        // A pod's address comes with its containers; others may get one at any time.
        Instant running = kind == WatchedKind.POD || isNew ? essence.running() : null;
        isNew = false;
        Instant since = running == null ? now : running.plus(ONE_SECOND);
        long order = object.path("metadata").path("resourceVersion").asLong(0);
        for (String address : essence.addresses()) {
            holds.putIfAbsent(address, new Hold(order, since));
        }
        if (kind != WatchedKind.POD) {
            holds.keySet().retainAll(essence.addresses()); // when it gave one back is not said
        }
        noLongerThan(essence.ending());
    }

    void noLongerThan(@Nullable Instant until) {
        if (until != null && (certainUntil == null || until.isBefore(certainUntil))) {
            certainUntil = until;
        }
    }

    boolean exists() {
        return goneBy == null;
    }

    /** Addresses that it has, as far as is known. */
    Set<String> addresses() {
        return essence.addresses();
    }

    @Override
    public String toString() {
        return kind.kind + " " + (namespace.isEmpty() ? "" : namespace + "/") + name + " (" + uid + ")";
    }
}
