package io.natator.enricher.ownership;

import io.natator.schemas.AddressOwners;
import io.natator.schemas.Identity;
import io.natator.schemas.Ownership;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Sends objects to the ownership model, and stores the records that it writes, as a compacted topic would. Times are
 * seconds after a fixed instant.
 */
final class ModelDriver {
    static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    static final Limits LIMITS = new Limits(16, Duration.ofHours(24), Duration.ofHours(1), Duration.ofSeconds(10));

    final OwnershipModel model;
    private final Limits limits;
    final Map<String, SpecificRecord> topic = new HashMap<>();
    int written;
    /** When the topic was last written: up to then it is complete. */
    private Instant writtenAt = Instant.MIN;
    /** Up to when the topic was complete that this run has read. */
    private Instant restoredAsOf = Instant.MIN;

    ModelDriver() {
        this(LIMITS);
    }

    ModelDriver(Limits limits) {
        this.limits = limits;
        model = new OwnershipModel(limits);
    }

    /** Starts the next run, which first reads the topic that this run wrote. */
    ModelDriver restarted() {
        var next = new ModelDriver(limits);
        next.topic.putAll(topic);
        topic.forEach(next.model::restore);
        next.restoredAsOf = writtenAt;
        return next;
    }

    static Instant at(double seconds) {
        return START.plusNanos(Math.round(seconds * 1_000_000) * 1000);
    }

    void onObject(double seconds, ClusterObject object) {
        model.onObject(object, at(seconds));
        drain(seconds);
    }

    void onDeleted(double seconds, String uid) {
        model.onDeleted(uid, at(seconds));
        drain(seconds);
    }

    /** The pod was deleted after {@code lastKnown}, which a list shows now. */
    void onMissing(double seconds, String uid, double lastKnown) {
        model.onMissing(uid, at(lastKnown), at(seconds));
        drain(seconds);
    }

    void onListed(double seconds, ReconciledKind... kinds) {
        for (ReconciledKind kind : kinds.length == 0 ? ReconciledKind.values() : kinds) {
            model.onListed(kind, restoredAsOf, at(seconds));
        }
        drain(seconds);
    }

    void checkDue(double seconds) {
        model.checkDue(at(seconds));
        drain(seconds);
    }

    void drain(double seconds) {
        writtenAt = at(seconds);
        for (RecordUpdate update : model.drain(at(seconds), Integer.MAX_VALUE)) {
            written++;
            if (update.value() == null) {
                topic.remove(update.key());
            } else {
                topic.put(update.key(), update.value());
            }
        }
    }

    /** The owners of an address, oldest first. */
    List<Ownership> owners(String address) {
        return topic.get("ip/" + address) instanceof AddressOwners found ? found.getOwners() : List.of();
    }

    /** Start of the retained history of an address; null if no older span was dropped. */
    @Nullable
    Instant knownSince(String address) {
        return topic.get("ip/" + address) instanceof AddressOwners found ? found.getKnownSince() : null;
    }

    /** The spans of an address as text: {@code name from..until}, in seconds. */
    List<String> spans(String address) {
        return owners(address).stream()
                .map(owner -> owner.getIdentity().getName() + " " + seconds(owner.getFrom()) + ".."
                        + (owner.getUntil() == null ? "" : seconds(owner.getUntil())))
                .toList();
    }

    private static String seconds(Instant instant) {
        double seconds = Duration.between(START, instant).toNanos() / 1e9;
        return seconds == Math.rint(seconds) ? Long.toString(Math.round(seconds)) : Double.toString(seconds);
    }

    /** The name of the owner of an address at a time; empty if the address had no owner. */
    Optional<String> ownerAt(String address, Instant time) {
        return owners(address).stream()
                .filter(owner -> !owner.getFrom().isAfter(time)
                        && (owner.getUntil() == null || owner.getUntil().isAfter(time)))
                .map(owner -> owner.getIdentity().getName())
                .findFirst();
    }

    /** The identity under the key. The key must exist. */
    Identity identity(String key) {
        return (Identity) Objects.requireNonNull(topic.get(key), key);
    }

    /** The metadata of an object in the namespace {@code shop}. Its UID is {@code uid-<name>}. */
    static ClusterObject.Metadata metadata(String name, double created) {
        return new ClusterObject.Metadata("uid-" + name, "shop", name, at(created));
    }

    /** Builds a pod in the namespace {@code shop}. Its UID is {@code uid-<name>}. */
    static final class PodBuilder {
        private final String name;
        private @Nullable Instant created;
        private String node = "node-1";
        private boolean hostNetwork;
        private Set<String> addresses = Set.of();
        private Set<String> secondary = Set.of();
        private String workloadName;
        private Map<String, String> labels = Map.of();
        private @Nullable OwnerReference controller;
        private @Nullable Instant started;
        private @Nullable Instant running;
        private boolean finished;
        private @Nullable Instant ended;
        private @Nullable String configHash;

        PodBuilder(String name) {
            this.name = name;
            workloadName = name;
        }

        PodBuilder created(double seconds) {
            created = at(Math.floor(seconds));
            return this;
        }

        PodBuilder configHash(String value) {
            configHash = value;
            return this;
        }

        PodBuilder node(String value) {
            node = value;
            return this;
        }

        PodBuilder onHostNetwork() {
            hostNetwork = true;
            return this;
        }

        PodBuilder addresses(String... values) {
            addresses = Set.of(values);
            return this;
        }

        PodBuilder secondary(String... values) {
            secondary = Set.of(values);
            return this;
        }

        PodBuilder workloadName(String value) {
            workloadName = value;
            return this;
        }

        PodBuilder label(String label, String value) {
            labels = Map.of(label, value);
            return this;
        }

        PodBuilder controller(String kind, String ownerName) {
            controller = new OwnerReference("apps/v1", kind, ownerName, "uid-" + ownerName);
            return this;
        }

        PodBuilder controller(OwnerReference value) {
            controller = value;
            return this;
        }

        PodBuilder ownedByPod(String ownerName) {
            controller = new OwnerReference("v1", "Pod", ownerName, "uid-" + ownerName);
            return this;
        }

        PodBuilder started(double seconds) {
            started = at(Math.floor(seconds));
            return this;
        }

        PodBuilder running(double seconds) {
            running = at(Math.floor(seconds));
            return this;
        }

        PodBuilder finished() {
            finished = true;
            return this;
        }

        PodBuilder finished(double seconds) {
            ended = at(Math.floor(seconds));
            return finished();
        }

        ClusterObject.Pod build() {
            return new ClusterObject.Pod(
                    new ClusterObject.Metadata("uid-" + name, "shop", name, created),
                    node,
                    new ClusterObject.Network(hostNetwork, addresses, secondary),
                    controller,
                    new PodLifecycle(started, running, finished, ended),
                    configHash,
                    new ClusterObject.Description(workloadName, labels, Map.of()));
        }
    }

    static PodBuilder pod(String name) {
        return new PodBuilder(name);
    }
}
