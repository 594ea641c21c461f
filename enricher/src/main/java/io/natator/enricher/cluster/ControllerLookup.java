package io.natator.enricher.cluster;

import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.OwnerReference;
import io.natator.enricher.ownership.WantedController;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up controllers of any kind by the discovery API, their metadata only, a few at a time. An API server that cannot
 * answer is asked again until it does.
 */
public final class ControllerLookup implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControllerLookup.class);
    private static final int AT_A_TIME = 8;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** Receives the answers, on threads of the look-up. */
    public interface Answers {
        /** The controller exists. */
        void found(ClusterObject.Controller controller);

        /** It does not exist. */
        void absent(String controllerUid);

        /** It cannot be read: the right is not granted, or its kind is not served. */
        void unreadable(String controllerUid);
    }

    private final ApiReader reader;
    private final Answers answers;
    private final Semaphore slots = new Semaphore(AT_A_TIME);
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("controller-lookup-", 0).factory());
    /** What discovery said, by {@code apiVersion/kind}. */
    private final Map<String, ApiResourcePath> paths = new ConcurrentHashMap<>();

    private final Set<String> complainedAbout = ConcurrentHashMap.newKeySet();

    /** @param reader stays the caller's to close, after this */
    public ControllerLookup(ApiReader reader, Answers answers) {
        this.reader = reader;
        this.answers = answers;
        for (WatchedKind kind : WatchedKind.values()) {
            paths.put(kind.apiVersion() + "/" + kind.kind(), kind.resourcePath());
        }
    }

    /** Looks it up in the background. */
    public void start(WantedController wanted) {
        threads.execute(() -> lookUp(wanted));
    }

    private void lookUp(WantedController wanted) {
        OwnerReference reference = wanted.reference();
        var pauses = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        try {
            while (true) {
                ApiException failure;
                slots.acquire();
                try {
                    find(wanted);
                    return;
                } catch (ApiException e) {
                    failure = e;
                } catch (RuntimeException e) {
                    failure = new ApiException(ApiException.Cause.UNREADABLE, e.toString(), e);
                } finally {
                    slots.release();
                }
                if (isFinal(failure)) {
                    complain(reference, failure.reason());
                    answers.unreadable(reference.uid());
                    return;
                }
                log.atDebug()
                        .setCause(failure)
                        .addKeyValue("kind", reference.kind())
                        .log("Looking up a controller failed, will be tried again");
                pauses.pause(failure.retryAfter());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void find(WantedController wanted) throws ApiException, InterruptedException {
        OwnerReference reference = wanted.reference();
        Optional<ApiResourcePath> path = pathOf(reference);
        if (path.isEmpty()) {
            complain(reference, "the API server does not serve this kind");
            answers.unreadable(reference.uid());
            return;
        }
        Map<?, ?> metadata = reader.get(path.get().object(wanted.namespace(), reference.name()), true)
                .map(object -> Fields.object(object, "metadata"))
                .orElse(Map.of());
        // Another object under the same name is not the one that was meant.
        if (Fields.text(metadata, "uid").equals(reference.uid())
                && !Fields.text(metadata, "name").isEmpty()) {
            answers.found(Distiller.controller(reference.kind(), metadata));
        } else {
            answers.absent(reference.uid());
        }
    }

    private Optional<ApiResourcePath> pathOf(OwnerReference reference) throws ApiException, InterruptedException {
        String key = reference.apiVersion() + "/" + reference.kind();
        ApiResourcePath known = paths.get(key);
        if (known != null) {
            return Optional.of(known);
        }
        Map<?, ?> group = reader.get(ApiResourcePath.ofGroup(reference.apiVersion()), false)
                .orElse(Map.of());
        for (Map<?, ?> resource : Fields.objects(group, "resources")) {
            String plural = Fields.text(resource, "name");
            // Subresources, such as "rollouts/status", have the kind of their resource.
            if (Fields.text(resource, "kind").equals(reference.kind()) && !plural.isEmpty() && !plural.contains("/")) {
                var path = new ApiResourcePath(reference.apiVersion(), plural, Fields.flag(resource, "namespaced"));
                paths.put(key, path);
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }

    private static boolean isFinal(ApiException e) {
        return switch (e.kind()) {
            case FORBIDDEN, NOT_SERVED, GONE, WRONG_REQUEST, UNREADABLE -> true;
            case UNREACHABLE, UNAUTHORIZED, UNAVAILABLE -> false;
        };
    }

    private void complain(OwnerReference reference, String reason) {
        String kind = reference.apiVersion() + "/" + reference.kind();
        if (complainedAbout.add(kind)) {
            log.atWarn()
                    .addKeyValue("kind", kind)
                    .addKeyValue("verb", "get")
                    .addKeyValue("reason", reason)
                    .log("May not read controllers of a kind: pods below them go by them instead of what is above them:"
                            + " grant the verb get on their resource; they are asked for again later");
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
