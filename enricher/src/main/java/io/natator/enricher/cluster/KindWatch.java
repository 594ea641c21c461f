package io.natator.enricher.cluster;

import io.natator.enricher.cluster.WatchStatistics.Event;
import io.natator.enricher.ownership.ClusterObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
 * Lists and watches one kind of object on one thread, in one namespace or in all. The thread reads the next event after
 * the listener has processed the previous one.
 *
 * <p>A watch that ends is resumed from the version of the last event or bookmark (event that carries only a version).
 * The kind is listed again only if that version has expired, or if the right to watch is not granted.
 */
final class KindWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KindWatch.class);
    /** The longest pause after a failure other than a refusal. It is short, to recover soon after an outage. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    /** The longest pause after a refusal, which lasts until a person grants the right. */
    private static final Duration LONGEST_PAUSE_REFUSED = Duration.ofSeconds(30);
    /** The duration of a watch is a random time from this to twice this, as in client-go's reflector. */
    private static final Duration SHORTEST_WATCH = Duration.ofMinutes(5);

    /**
     * A watch that has received nothing for this long is closed and resumed, because the connection may be broken
     * without notice. The API server sends a bookmark about once a minute.
     */
    private static final Duration MAX_SILENCE = Duration.ofSeconds(150);

    /** A watch that ends within this time and had no events counts as empty. */
    private static final Duration EMPTY_WATCH = Duration.ofSeconds(1);
    /** Time within which the API server sends a resumed watch the events that the watch has missed. */
    private static final Duration RESUMED_WITHIN = Duration.ofSeconds(1);
    /**
     * After this many empty watches in a row, the kind is listed again. Some proxies close a watch whose version has
     * expired without reporting an error.
     */
    private static final int EMPTY_WATCHES_UNTIL_LISTED = 5;

    /**
     * The objects and settings that the watches of all kinds share.
     *
     * @param clock the clock of {@code parser}
     * @param onAnswered called whenever a list has succeeded, or has failed with a response of the API server
     */
    record Context(
            Lister lister,
            InstantSource clock,
            ClusterObjectParser parser,
            ClusterListener listener,
            WatchStatistics statistics,
            WatchFailureLog failures,
            Consumer<KindWatch> onAnswered) {}

    /**
     * How objects are listed.
     *
     * @param pageSize objects per page of a list
     */
    record Lister(ApiReader reader, long pageSize) {
        ApiReader.Page list(ApiReader.Collection collection, String page, Consumer<Map<?, ?>> onObject)
                throws ApiException, InterruptedException {
            return reader.list(collection, pageSize, page, onObject);
        }
    }

    private final ApiReader.Collection collection;
    private final WatchedKind kind;
    private final Context context;
    private final KnownObjects known = new KnownObjects();
    private final Backoff pauses;
    private final Backoff refusedPauses;
    private final Thread thread;
    private String resourceVersion = "";
    private volatile KindHealth health = KindHealth.UNKNOWN;
    private volatile boolean listedOnce;
    private volatile boolean answered;
    private volatile boolean watching;
    /** When the watch was opened, by {@link System#nanoTime}; only valid while it is open. */
    private volatile long watchingSince;
    /** The time just before the last complete list. */
    private volatile Instant listedAsOf = Instant.MIN;

    private volatile boolean closed;
    private volatile ApiReader.@Nullable Events events;

    KindWatch(ApiReader.Collection collection, Context context) {
        this.collection = collection;
        this.kind = collection.kind();
        this.context = context;
        pauses = new Backoff(context.lister().reader().firstPause(), LONGEST_PAUSE);
        refusedPauses = new Backoff(context.lister().reader().firstPause(), LONGEST_PAUSE_REFUSED);
        thread = Thread.ofVirtual().name("watch-" + kind.resource()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closed) {
                if (tryToList()) {
                    watchUntilListIsNeeded();
                }
            }
        } catch (InterruptedException e) {
            log.atDebug().addKeyValue("resource", kind.resource()).log("Watch closed");
        }
    }

    /** Lists once. After a failure, pauses and returns false. */
    private boolean tryToList() throws InterruptedException {
        ApiException failure;
        try {
            list();
            pauses.reset();
            return true;
        } catch (ApiException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = defect(e);
        }
        if (closed) {
            return false;
        }
        health = health.afterFailure(failure);
        context.failures().onFailure(this, "list", failure);
        if (failure.failure() != ApiException.Failure.UNREACHABLE) {
            answered = true;
            context.onAnswered().accept(this);
        }
        pauseAfter(failure);
        return false;
    }

    private static ApiException defect(RuntimeException e) {
        return new ApiException(ApiException.Failure.UNREADABLE, e.toString(), e);
    }

    private void pauseAfter(ApiException failure) throws InterruptedException {
        (failure.isRefusal() ? refusedPauses : pauses).pause(failure.retryAfter());
    }

    private void list() throws ApiException, InterruptedException {
        if (listedOnce) {
            context.statistics().countReset(kind);
        }
        known.onListStart();
        Instant asOf = context.clock().instant();
        String nextPage = "";
        do {
            List<Entry> entries = new ArrayList<>();
            ApiReader.Page page = context.lister().list(collection, nextPage, object -> entries.add(entryOf(object)));
            entries.forEach(this::put);
            resourceVersion = page.resourceVersion();
            nextPage = page.nextPage();
        } while (!nextPage.isEmpty() && !closed);
        if (closed) {
            return;
        }
        known.onListEnd(uid -> {
            context.statistics().count(kind, Event.DELETED);
            context.listener().onMissing(uid);
        });
        listedAsOf = asOf;
        listedOnce = true;
        answered = true;
        context.failures().onListed(this);
        context.onAnswered().accept(this);
        // The health is set last, so that a thread that reads it also finds the effects of the list.
        health = KindHealth.listed(false);
    }

    /** Watches and resumes until the kind has to be listed again. */
    private void watchUntilListIsNeeded() throws InterruptedException {
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
            if (failure.failure() == ApiException.Failure.GONE || closed) {
                return;
            }
            context.failures().onFailure(this, "watch", failure);
            pauseAfter(failure);
            if (failure.isRefusal() || failure.failure() == ApiException.Failure.UNREADABLE) {
                return; // the kind is listed periodically as long as it cannot be watched
            }
        }
    }

    /**
     * Opens one watch and processes its events until it ends.
     *
     * @return false if the watch was empty, see {@link #EMPTY_WATCH}
     */
    private boolean watchOnce() throws ApiException, InterruptedException {
        Duration timeout =
                SHORTEST_WATCH.plusSeconds(ThreadLocalRandom.current().nextLong(SHORTEST_WATCH.toSeconds()));
        long start = System.nanoTime();
        boolean hadEvents = false;
        try (ApiReader.Events current =
                context.lister().reader().watch(collection, resourceVersion, timeout, MAX_SILENCE)) {
            events = current;
            watchingSince = System.nanoTime();
            watching = true;
            refusedPauses.reset();
            context.failures().onWatched(this);
            Optional<Map<?, ?>> event = current.next();
            while (event.isPresent() && !closed) {
                hadEvents = true;
                onEvent(event.get());
                event = current.next();
            }
        } finally {
            events = null;
            watching = false;
        }
        return hadEvents || System.nanoTime() - start > EMPTY_WATCH.toNanos();
    }

    private void onEvent(Map<?, ?> event) throws ApiException {
        Map<?, ?> object = JsonFields.object(event, "object");
        switch (JsonFields.text(event, "type")) {
            case "ADDED", "MODIFIED" -> put(entryOf(object));
            case "DELETED" -> remove(entryOf(object));
            case "ERROR" ->
                throw ApiException.ofResponse(
                        object.get("code") instanceof Integer code ? code : 0, object, "an error without a code");
            default -> {
                // BOOKMARK: carries only a version, which is stored below
            }
        }
        String version = JsonFields.text(JsonFields.object(object, "metadata"), "resourceVersion");
        if (!version.isEmpty()) {
            resourceVersion = version;
        }
    }

    /**
     * An object of a page or an event.
     *
     * @param uid empty if the object has no UID or no name
     * @param parsed empty if the object is excluded
     */
    private record Entry(String key, String uid, String version, Optional<ClusterObject> parsed) {}

    private Entry entryOf(Map<?, ?> object) {
        Map<?, ?> metadata = JsonFields.object(object, "metadata");
        String name = JsonFields.text(metadata, "name");
        String uid = JsonFields.text(metadata, "uid").intern(); // other objects refer to this one by UID
        Optional<ClusterObject> parsed = Optional.empty();
        try {
            parsed = context.parser().parse(kind, object);
        } catch (RuntimeException e) {
            context.statistics().countExcluded(kind, ExclusionReason.UNEXPECTED);
            log.atWarn()
                    .setCause(e)
                    .addKeyValue("kind", kind.kind())
                    .log("Could not parse an object: it is skipped: please report this");
        }
        return new Entry(
                JsonFields.text(metadata, "namespace") + "/" + name,
                name.isEmpty() ? "" : uid,
                JsonFields.text(metadata, "resourceVersion"),
                parsed);
    }

    private void put(Entry entry) {
        if (entry.uid().isEmpty()) {
            return; // the parser has counted this object as excluded
        }
        KnownObjects.Update update = known.put(entry.key(), entry.uid(), entry.version());
        if (update.novelty() == KnownObjects.Novelty.SAME) {
            return;
        }
        context.statistics().count(kind, update.novelty() == KnownObjects.Novelty.NEW ? Event.ADDED : Event.UPDATED);
        if (update.replaced() != null) {
            context.listener().onMissing(update.replaced()); // an object with the same name whose deletion was missed
        }
        entry.parsed().ifPresent(context.listener()::onObject);
    }

    private void remove(Entry entry) {
        context.statistics().count(kind, Event.DELETED);
        String knownUid = known.remove(entry.key());
        String uid = entry.uid().isEmpty() ? knownUid : entry.uid();
        // Report the last state before the deletion: a pod's last state can contain the time at which its containers
        // ended.
        entry.parsed().ifPresent(context.listener()::onObject);
        if (uid != null && !uid.isEmpty()) {
            context.listener().onDeleted(uid);
        }
    }

    WatchedKind kind() {
        return kind;
    }

    String namespace() {
        return collection.namespace();
    }

    /** Returns true once the kind has been listed completely. */
    boolean isListed() {
        return listedOnce;
    }

    /** Returns true once the API server has responded to a list, with the objects or with an error. */
    boolean isAnswered() {
        return answered;
    }

    /**
     * Up to when everything that happened to objects of the kind was received.
     *
     * @param served the API server responded to a request that was sent at this time
     * @return {@link Instant#MIN} before the first list; {@link Instant#MAX} if the kind is refused and not needed
     */
    Instant completeAsOf(Instant served) {
        if (health.listing() == KindHealth.Listing.REFUSED && isNeverNeeded()) {
            return Instant.MAX;
        }
        boolean follows = watching && System.nanoTime() - watchingSince > RESUMED_WITHIN.toNanos();
        return follows ? served : listedAsOf;
    }

    /**
     * Whether the owners of addresses are known without this kind. A refused controller kind makes names less exact, not
     * wrong. Another kind may be refused on purpose, unless it was listed before; without the pods, no owner is known.
     */
    private boolean isNeverNeeded() {
        return kind.isController() || (kind != WatchedKind.POD && !listedOnce);
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
