package io.natator.bench.names;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What the recorder has observed of an object of the cluster. It is stored after the object's deletion too. Guarded by
 * the recorder's lock.
 */
final class RecordedObject {
    /** The API cuts times to whole seconds. */
    private static final Duration ONE_SECOND = Duration.ofSeconds(1);

    /** A reference to another object. */
    record Reference(String apiVersion, String kind, String name, String uid) {}

    /**
     * Since when the object has one of its addresses.
     *
     * @param order resource version of the object when it was first observed with the address; higher for a later owner
     * @param from the time since which the object certainly had the address
     */
    record Hold(long order, Instant from) {}

    final RecordedKind kind;
    final String uid;
    final String namespace;
    final String name;
    /** The name of the object's workload if nothing controls the object. */
    final String workloadName;

    final Map<String, Hold> holds = new LinkedHashMap<>();
    RecordedFields fields;
    /** True if the object's controller has changed since the object was first observed. */
    boolean moved;

    final Instant seenFirst;
    private boolean isNew = true;
    /**
     * The time until which the object certainly had its addresses; null while nothing indicates that it has released
     * them.
     */
    @Nullable
    Instant certainUntil;

    /** The time at which the recorder observed that the object was deleted; null while the object exists. */
    @Nullable
    Instant goneBy;

    RecordedObject(RecordedKind kind, JsonNode object, Instant now) {
        this.kind = kind;
        JsonNode metadata = object.path("metadata");
        uid = metadata.path("uid").asString();
        namespace = metadata.path("namespace").asString("");
        name = metadata.path("name").asString();
        workloadName = workloadName(kind, metadata);
        fields = RecordedFields.of(kind, object);
        seenFirst = now;
    }

    /** One-off objects of one template have one name: {@code generateName}, else the usual label of pods and Jobs. */
    private static String workloadName(RecordedKind kind, JsonNode metadata) {
        String prefix = switch (kind) {
            case POD, JOB -> {
                String label =
                        metadata.path("labels").path("app.kubernetes.io/name").asString("");
                yield metadata.path("generateName").asString(label);
            }
            case ROLLOUT -> metadata.path("generateName").asString("");
            default -> "";
        };
        String name = prefix.replaceAll("-+$", "");
        return name.isEmpty() ? metadata.path("name").asString() : name;
    }

    void observe(JsonNode object, Instant now) {
        RecordedFields before = fields;
        fields = RecordedFields.of(kind, object);
        moved |= !java.util.Objects.equals(before.controller(), fields.controller());
        // A pod has its address since its containers started. Other objects can get an address at any time.
        Instant running = kind == RecordedKind.POD || isNew ? fields.lifetime().running() : null;
        isNew = false;
        Instant since = running == null ? now : running.plus(ONE_SECOND);
        long order = object.path("metadata").path("resourceVersion").asLong(0);
        for (String address : fields.addresses()) {
            holds.putIfAbsent(address, new Hold(order, since));
        }
        if (kind != RecordedKind.POD) {
            // The object has released its other addresses at an unknown time, so their holds cannot be compared.
            holds.keySet().retainAll(fields.addresses());
        }
        noLongerThan(fields.lifetime().ending());
    }

    void noLongerThan(@Nullable Instant until) {
        if (until != null && (certainUntil == null || until.isBefore(certainUntil))) {
            certainUntil = until;
        }
    }

    boolean exists() {
        return goneBy == null;
    }

    /** The addresses that the object had when it was last observed. */
    Set<String> addresses() {
        return fields.addresses();
    }

    @Override
    public String toString() {
        return kind.kind + " " + (namespace.isEmpty() ? "" : namespace + "/") + name + " (" + uid + ")";
    }
}
