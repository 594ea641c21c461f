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
 * Watches the cluster for the bench, by plain HTTP, and forgets nothing: what every object was, which addresses it had, and
 * between which moments it certainly had them. Thread-safe.
 */
final class Recorder implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final KubernetesApi api;
    private final Map<String, Seen> objects = new HashMap<>();
    /** When the last event of a kind came: what is missing after a gap was there until then. */
    private final Map<WatchedKind, Instant> lastEvent = new EnumMap<>(WatchedKind.class);

    private final Set<WatchedKind> listed = new HashSet<>();
    private final AtomicLong events = new AtomicLong();
    private volatile Instant lastChange = Instant.now();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;

    Recorder(KubernetesApi api) {
        this.api = api;
    }

    /** Lists all kinds and goes on to watch them. */
    void start() {
        for (WatchedKind kind : WatchedKind.values()) {
            threads.add(Thread.ofPlatform()
                    .daemon()
                    .name("recorder-" + kind.resource())
                    .start(() -> record(kind)));
        }
        Waiting.until("the recorder to list all kinds", this::hasListedAll);
    }

    private synchronized boolean hasListedAll() {
        return listed.size() == WatchedKind.values().length;
    }

    private void record(WatchedKind kind) {
        String version = "";
        while (!closed) {
            try {
                if (version.isEmpty()) {
                    version = list(kind);
                }
                version = watch(kind, version);
            } catch (IOException | UncheckedIOException | IllegalStateException e) {
                Machine.pause(PAUSE); // the API server is away; the watch goes on where it was
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private String list(WatchedKind kind) {
        JsonNode list = api.get(kind.path);
        Instant now = Instant.now();
        synchronized (this) {
            Set<String> there = new HashSet<>();
            for (JsonNode item : list.path("items")) {
                there.add(observe(kind, item, now).uid);
            }
            Instant before = lastEvent.getOrDefault(kind, Instant.MIN);
            for (Seen seen : objects.values()) {
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

    /** Returns the version to go on from; empty if it has expired. */
    private String watch(WatchedKind kind, String from) throws IOException, InterruptedException {
        var version = new String[] {from};
        try (Stream<String> lines =
                api.watch(kind.path + "?watch=true&allowWatchBookmarks=true&resourceVersion=" + from)) {
            lines.takeWhile(line -> !closed && !version[0].isEmpty())
                    .forEach(line -> version[0] = event(kind, KubernetesApi.JSON.readTree(line)));
        } catch (UncheckedIOException e) {
            // ended in the middle
        }
        return version[0];
    }

    private synchronized String event(WatchedKind kind, JsonNode event) {
        JsonNode object = event.path("object");
        Instant now = Instant.now();
        String type = event.path("type").asString();
        if (type.equals("ERROR")) {
            return "";
        }
        lastEvent.put(kind, now);
        if (!type.equals("BOOKMARK")) {
            events.incrementAndGet();
            if (kind != WatchedKind.NODE) {
                lastChange = now; // a node's status is reported all the time
            }
            Seen seen = observe(kind, object, now);
            if (type.equals("DELETED")) {
                seen.noLongerThan(now);
                if (kind == WatchedKind.POD && seen.essence.ending() == null) {
                    seen.noLongerThan(Instant.MIN); // nothing says since when it was to go
                }
                seen.goneBy = now;
            }
        }
        return object.path("metadata").path("resourceVersion").asString();
    }

    private Seen observe(WatchedKind kind, JsonNode object, Instant now) {
        Seen seen = objects.computeIfAbsent(
                object.path("metadata").path("uid").asString(), uid -> new Seen(kind, object, now));
        seen.observe(object, now);
        return seen;
    }

    /** What is to be deleted now has its addresses until now, for certain. */
    synchronized void isToGo(WatchedKind kind, String namespace, String name) {
        objects.values().stream()
                .filter(seen -> seen.kind == kind && seen.exists())
                .filter(seen -> seen.namespace.equals(namespace) && seen.name.equals(name))
                .forEach(seen -> seen.noLongerThan(Instant.now()));
    }

    /** The same of all that is in a namespace. */
    synchronized void namespaceIsToGo(String namespace) {
        objects.values().stream()
                .filter(seen -> seen.namespace.equals(namespace))
                .forEach(seen -> seen.noLongerThan(Instant.now()));
    }

    synchronized List<Seen> all() {
        return List.copyOf(objects.values());
    }

    synchronized Optional<Seen> find(@Nullable String uid) {
        return Optional.ofNullable(objects.get(uid));
    }

    synchronized List<Seen> existing(WatchedKind kind) {
        return objects.values().stream()
                .filter(seen -> seen.kind == kind && seen.exists())
                .toList();
    }

    /** When anything but a node last changed. */
    Instant lastChange() {
        return lastChange;
    }

    /** Events received so far. */
    long events() {
        return events.get();
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
