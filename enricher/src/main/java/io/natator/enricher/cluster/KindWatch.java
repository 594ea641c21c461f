package io.natator.enricher.cluster;

import io.natator.enricher.cluster.WatchStatistics.Event;
import io.natator.enricher.ownership.ClusterObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists and watches one kind, in one namespace or all, on a thread of its own. Nothing more is read before the listener
 * has taken in what was read.
 *
 * <p>A watch that ends is resumed from the version of the last event or bookmark. The kind is listed again only if that
 * version has expired, or if it may not be watched.
 */
final class KindWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KindWatch.class);
    /** Asked anew soon after an outage; a refusal lasts until a person changes it. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private static final Duration LONGEST_PAUSE_REFUSED = Duration.ofSeconds(30);
    /** As client-go's reflector: between this and twice as long. */
    private static final Duration SHORTEST_WATCH = Duration.ofMinutes(5);

    /** A watch that ends sooner and brought nothing counts as empty. */
    private static final Duration EMPTY_WATCH = Duration.ofSeconds(1);
    /** Some proxies close a watch from an expired version without a word. */
    private static final int EMPTY_WATCHES_UNTIL_LISTED = 5;

    private final WatchedKind kind;
    private final String namespace;
    private final ApiReader reader;
    private final long pageSize;
    private final Distiller distiller;
    private final ClusterListener listener;
    private final WatchStatistics statistics;
    private final WatchComplaints complaints;
    private final Consumer<KindWatch> settled;
    private final Versions versions = new Versions();
    private final Backoff pauses;
    private final Backoff refusedPauses;
    private final Thread thread;
    private String resourceVersion = "";
    private volatile KindHealth health = KindHealth.UNKNOWN;
    private volatile boolean listedOnce;
    private volatile boolean answered;
    private volatile boolean watching;
    private volatile boolean closed;
    private volatile ApiReader.@Nullable Events events;

    /** @param settled called whenever it has been listed, or could not be listed for a reason of its own */
    KindWatch(
            WatchedKind kind,
            String namespace,
            ApiReader reader,
            long pageSize,
            Distiller distiller,
            ClusterListener listener,
            WatchStatistics statistics,
            WatchComplaints complaints,
            Consumer<KindWatch> settled) {
        this.kind = kind;
        this.namespace = namespace;
        this.reader = reader;
        this.pageSize = pageSize;
        this.distiller = distiller;
        this.listener = listener;
        this.statistics = statistics;
        this.complaints = complaints;
        this.settled = settled;
        pauses = new Backoff(reader.firstPause(), LONGEST_PAUSE);
        refusedPauses = new Backoff(reader.firstPause(), LONGEST_PAUSE_REFUSED);
        thread = Thread.ofVirtual().name("watch-" + kind.resource()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closed) {
                if (listFails()) {
                    continue;
                }
                follow();
            }
        } catch (InterruptedException e) {
            log.atDebug().addKeyValue("resource", kind.resource()).log("Watch closed");
        }
    }

    private boolean listFails() throws InterruptedException {
        ApiException failure;
        try {
            list();
            pauses.reset();
            return false;
        } catch (ApiException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = defect(e);
        }
        if (closed) {
            return true;
        }
        health = health.afterFailure(failure);
        complaints.failed(this, "list", failure);
        if (failure.kind() != ApiException.Cause.UNREACHABLE) {
            answered = true;
            settled.accept(this);
        }
        pauseAfter(failure);
        return true;
    }

    private static ApiException defect(RuntimeException e) {
        return new ApiException(ApiException.Cause.UNREADABLE, e.toString(), e);
    }

    private void pauseAfter(ApiException failure) throws InterruptedException {
        (failure.isRefusal() ? refusedPauses : pauses).pause(failure.retryAfter());
    }

    private void list() throws ApiException, InterruptedException {
        if (listedOnce) {
            statistics.countReset(kind);
        }
        versions.listStarts();
        String from = "";
        do {
            List<Entry> page = new ArrayList<>();
            ApiReader.Page read = reader.list(kind, namespace, pageSize, from, object -> page.add(entryOf(object)));
            page.forEach(this::take);
            resourceVersion = read.resourceVersion();
            from = read.next();
        } while (!from.isEmpty() && !closed);
        if (closed) {
            return;
        }
        versions.listEnds(uid -> {
            statistics.count(kind, Event.DELETED);
            listener.gone(uid);
        });
        listedOnce = true;
        answered = true;
        complaints.listed(this);
        settled.accept(this);
        // At last: who sees this finds everything done that a list brings about.
        health = KindHealth.listed(false);
    }

    /** Watches, and resumes, until the kind has to be listed again. */
    private void follow() throws InterruptedException {
        int emptyWatches = 0;
        while (!closed) {
            ApiException failure;
            try {
                emptyWatches = watchOnce() ? 0 : emptyWatches + 1;
                if (emptyWatches == 0) {
                    pauses.reset();
                } else if (emptyWatches < EMPTY_WATCHES_UNTIL_LISTED) {
                    pauses.pause(Duration.ZERO);
                } else {
                    return;
                }
                continue;
            } catch (ApiException e) {
                failure = e;
            } catch (RuntimeException e) {
                failure = defect(e);
            }
            if (failure.kind() == ApiException.Cause.GONE || closed) {
                return;
            }
            complaints.failed(this, "watch", failure);
            pauseAfter(failure);
            if (failure.isRefusal() || failure.kind() == ApiException.Cause.UNREADABLE) {
                return; // it goes by lists until it may be watched
            }
        }
    }

    /**
     * Follows one watch to its end.
     *
     * @return false if it ended at once and brought nothing
     */
    private boolean watchOnce() throws ApiException, InterruptedException {
        Duration longest =
                SHORTEST_WATCH.plusSeconds(ThreadLocalRandom.current().nextLong(SHORTEST_WATCH.toSeconds()));
        long start = System.nanoTime();
        boolean brought = false;
        try (ApiReader.Events current = reader.watch(kind, namespace, resourceVersion, longest)) {
            events = current;
            watching = true;
            refusedPauses.reset();
            complaints.watched(this);
            Optional<Map<?, ?>> event = current.next();
            while (event.isPresent() && !closed) {
                brought = true;
                apply(event.get());
                event = current.next();
            }
        } finally {
            events = null;
            watching = false;
        }
        return brought || System.nanoTime() - start > EMPTY_WATCH.toNanos();
    }

    private void apply(Map<?, ?> event) throws ApiException {
        Map<?, ?> object = Fields.object(event, "object");
        switch (Fields.text(event, "type")) {
            case "ADDED", "MODIFIED" -> take(entryOf(object));
            case "DELETED" -> remove(entryOf(object));
            case "ERROR" ->
                throw ApiException.answered(
                        object.get("code") instanceof Integer code ? code : 0, object, "an error without a code");
            default -> {
                // BOOKMARK: nothing but a version
            }
        }
        String version = Fields.text(Fields.object(object, "metadata"), "resourceVersion");
        if (!version.isEmpty()) {
            resourceVersion = version;
        }
    }

    /** What is kept of an object from its page to the listener. */
    private record Entry(String key, String uid, String version, Optional<ClusterObject> distilled) {}

    private Entry entryOf(Map<?, ?> object) {
        Map<?, ?> metadata = Fields.object(object, "metadata");
        String name = Fields.text(metadata, "name");
        String uid = Fields.text(metadata, "uid").intern(); // others refer to it by UID
        Optional<ClusterObject> distilled = Optional.empty();
        try {
            distilled = distiller.distill(kind, object);
        } catch (RuntimeException e) {
            statistics.count(kind, Oddity.UNEXPECTED);
            log.atWarn()
                    .setCause(e)
                    .addKeyValue("kind", kind.kind())
                    .log("Could not take in an object: it is left out: please report this");
        }
        return new Entry(
                Fields.text(metadata, "namespace") + "/" + name,
                name.isEmpty() ? "" : uid,
                Fields.text(metadata, "resourceVersion"),
                distilled);
    }

    private void take(Entry entry) {
        if (entry.uid().isEmpty()) {
            return; // counted by the distiller
        }
        Versions.Update update = versions.put(entry.key(), entry.uid(), entry.version());
        if (update.novelty() == Versions.Novelty.SAME) {
            return;
        }
        statistics.count(kind, update.novelty() == Versions.Novelty.NEW ? Event.ADDED : Event.UPDATED);
        if (update.replaced() != null) {
            listener.gone(update.replaced()); // deleted and made anew under its name, unseen
        }
        entry.distilled().ifPresent(listener::observed);
    }

    private void remove(Entry entry) {
        statistics.count(kind, Event.DELETED);
        String known = versions.remove(entry.key());
        String uid = entry.uid().isEmpty() ? known : entry.uid();
        // Its last state may say when its containers ended.
        entry.distilled().ifPresent(listener::observed);
        if (uid != null && !uid.isEmpty()) {
            listener.gone(uid);
        }
    }

    WatchedKind kind() {
        return kind;
    }

    String namespace() {
        return namespace;
    }

    /** True once it has been listed completely. */
    boolean isListed() {
        return listedOnce;
    }

    /** True once the API server has answered a list, whatever it said. */
    boolean isAnswered() {
        return answered;
    }

    KindHealth health() {
        KindHealth current = health;
        return new KindHealth(current.listing(), current.reason(), watching);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        ApiReader.Events current = events;
        if (current != null) {
            current.close();
        }
    }
}
