package io.natator.bench.names;

import io.natator.bench.Machine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Watches the cluster without the enricher's code, and records every object: its fields, the addresses that it had, and
 * the period in which it certainly had them. Thread-safe.
 */
final class Recorder implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final KubernetesApi api;
    private final Map<String, RecordedObject> objects = new HashMap<>();
    /**
     * Time of the last event of each kind. If a watch was interrupted and an object is missing afterwards, the object
     * existed at least until this time.
     */
    private final Map<RecordedKind, Instant> lastEvent = new EnumMap<>(RecordedKind.class);

    private final Set<RecordedKind> listed = new HashSet<>();
    private final AtomicLong events = new AtomicLong();
    private volatile Instant lastChange = Instant.now();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;

    Recorder(KubernetesApi api) {
        this.api = api;
    }

    /** Lists and watches all kinds. */
    void start() {
        for (RecordedKind kind : RecordedKind.values()) {
            threads.add(Thread.ofPlatform()
                    .daemon()
                    .name("recorder-" + kind.resource())
                    .start(() -> record(kind)));
        }
        Waiting.until("the recorder to list all kinds", this::hasListedAll);
    }

    private synchronized boolean hasListedAll() {
        return listed.size() == RecordedKind.values().length;
    }

    private void record(RecordedKind kind) {
        String version = "";
        while (!closed) {
            try {
                if (version.isEmpty()) {
                    version = list(kind);
                }
                version = watch(kind, version);
            } catch (IOException | UncheckedIOException | IllegalStateException e) {
                Machine.pause(PAUSE); // the API server is unreachable; the watch resumes later
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private String list(RecordedKind kind) {
        JsonNode list = api.get(kind.path);
        Instant now = Instant.now();
        synchronized (this) {
            Set<String> there = new HashSet<>();
            for (JsonNode item : list.path("items")) {
                there.add(observe(kind, item, now).uid);
            }
            Instant before = lastEvent.getOrDefault(kind, Instant.MIN);
            for (RecordedObject seen : objects.values()) {
                if (seen.kind == kind && seen.exists() && !there.contains(seen.uid)) {
                    seen.noLongerThan(before);
                    seen.goneBy = now;
                }
            }
            lastEvent.put(kind, now);
            listed.add(kind);
        }
        return list.path("metadata").path("resourceVersion").asString();
    }

    /** Watches a kind until the watch ends. Returns the version from which to resume; empty if it has expired. */
    private String watch(RecordedKind kind, String from) throws IOException, InterruptedException {
        var version = new String[] {from};
        try (Stream<String> lines =
                api.watch(kind.path + "?watch=true&allowWatchBookmarks=true&resourceVersion=" + from)) {
            lines.takeWhile(line -> !closed && !version[0].isEmpty())
                    .forEach(line -> version[0] = event(kind, KubernetesApi.JSON.readTree(line)));
        } catch (UncheckedIOException e) {
            // the watch ended in the middle of a line, so it is resumed from the last whole line
        }
        return version[0];
    }

    private synchronized String event(RecordedKind kind, JsonNode event) {
        JsonNode object = event.path("object");
        Instant now = Instant.now();
        String type = event.path("type").asString();
        if (type.equals("ERROR")) {
            return "";
        }
        lastEvent.put(kind, now);
        if (!type.equals("BOOKMARK")) {
            events.incrementAndGet();
            if (kind != RecordedKind.NODE) {
                lastChange = now; // nodes are excluded, because their status changes all the time
            }
            RecordedObject seen = observe(kind, object, now);
            if (type.equals("DELETED")) {
                seen.noLongerThan(now);
                if (kind == RecordedKind.POD && seen.fields.lifetime().ending() == null) {
                    seen.noLongerThan(Instant.MIN); // the time at which the deletion was requested is unknown
                }
                seen.goneBy = now;
            }
        }
        return object.path("metadata").path("resourceVersion").asString();
    }

    private RecordedObject observe(RecordedKind kind, JsonNode object, Instant now) {
        RecordedObject seen = objects.computeIfAbsent(
                object.path("metadata").path("uid").asString(), uid -> new RecordedObject(kind, object, now));
        seen.observe(object, now);
        return seen;
    }

    /** Must be called before an object is deleted. The object certainly has its addresses until now. */
    synchronized void beforeDeletion(RecordedKind kind, String namespace, String name) {
        objects.values().stream()
                .filter(seen -> seen.kind == kind && seen.exists())
                .filter(seen -> seen.namespace.equals(namespace) && seen.name.equals(name))
                .forEach(seen -> seen.noLongerThan(Instant.now()));
    }

    /** Must be called before a namespace is deleted. Its objects certainly have their addresses until now. */
    synchronized void beforeDeletionOfNamespace(String namespace) {
        objects.values().stream()
                .filter(seen -> seen.namespace.equals(namespace))
                .forEach(seen -> seen.noLongerThan(Instant.now()));
    }

    synchronized List<RecordedObject> all() {
        return List.copyOf(objects.values());
    }

    synchronized Optional<RecordedObject> find(@Nullable String uid) {
        return Optional.ofNullable(objects.get(uid));
    }

    synchronized List<RecordedObject> existing(RecordedKind kind) {
        return objects.values().stream()
                .filter(seen -> seen.kind == kind && seen.exists())
                .toList();
    }

    /** Time of the last change of an object that is not a node. */
    Instant lastChange() {
        return lastChange;
    }

    /** Number of events received so far. */
    long events() {
        return events.get();
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
