package io.natator.enricher.cluster;

import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.ControllerRequest;
import io.natator.enricher.ownership.OwnerReference;
import java.time.Duration;
import java.util.List;
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
 * Reads the metadata of controllers of any kind. The discovery API says at which path a kind is served. A look-up is
 * retried while the API server is unreachable or unavailable.
 */
public final class ControllerReader implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControllerReader.class);
    private static final int MAX_CONCURRENT_LOOKUPS = 8;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** Receives the results of look-ups, on the threads that look controllers up. */
    public interface Listener {
        /** The controller exists. */
        void onControllerFound(ClusterObject.Controller controller);

        /** The controller does not exist. */
        void onControllerAbsent(String controllerUid);

        /**
         * The controller cannot be read, because the enricher has no right to, or because the API server does not serve
         * the kind.
         */
        void onControllerUnreadable(String controllerUid);
    }

    private final ApiReader reader;
    private final Listener listener;
    private final WorkloadNaming naming;
    private final Semaphore slots = new Semaphore(MAX_CONCURRENT_LOOKUPS);
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("controller-lookup-", 0).factory());
    /** The paths that the discovery API has returned, by {@code apiVersion/kind}. */
    private final Map<String, ApiResourcePath> paths = new ConcurrentHashMap<>();

    private final Set<String> loggedKinds = ConcurrentHashMap.newKeySet();

    /**
     * @param reader is not closed by this instance; the caller closes it after this instance
     * @param workloadLabels labels that name the workloads of one-off objects
     */
    public ControllerReader(ApiReader reader, List<String> workloadLabels, Listener listener) {
        this.reader = reader;
        this.listener = listener;
        this.naming = new WorkloadNaming(workloadLabels);
        for (WatchedKind kind : WatchedKind.values()) {
            paths.put(kind.apiVersion() + "/" + kind.kind(), kind.resourcePath());
        }
    }

    /** Looks up a controller in the background. */
    public void start(ControllerRequest request) {
        threads.execute(() -> lookUp(request));
    }

    private void lookUp(ControllerRequest request) {
        OwnerReference reference = request.reference();
        var pauses = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        try {
            while (true) {
                ApiException failure;
                slots.acquire();
                try {
                    find(request);
                    return;
                } catch (ApiException e) {
                    failure = e;
                } catch (RuntimeException e) {
                    failure = new ApiException(ApiException.Failure.UNREADABLE, e.toString(), e);
                } finally {
                    slots.release();
                }
                if (isFinal(failure)) {
                    logUnreadable(reference, failure.reason());
                    listener.onControllerUnreadable(reference.uid());
                    return;
                }
                log.atDebug()
                        .setCause(failure)
                        .addKeyValue("kind", reference.kind())
                        .log("The look-up of a controller failed and is retried");
                pauses.pause(failure.retryAfter());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // this reader was closed
        }
    }

    private void find(ControllerRequest request) throws ApiException, InterruptedException {
        OwnerReference reference = request.reference();
        Optional<ApiResourcePath> path = pathOf(reference);
        if (path.isEmpty()) {
            logUnreadable(reference, "the API server does not serve this kind");
            listener.onControllerUnreadable(reference.uid());
            return;
        }
        Map<?, ?> metadata = reader.get(path.get().object(request.namespace(), reference.name()), true)
                .map(object -> JsonFields.object(object, "metadata"))
                .orElse(Map.of());
        // The name can belong to a newer object: only the UID identifies the controller.
        if (JsonFields.text(metadata, "uid").equals(reference.uid())
                && !JsonFields.text(metadata, "name").isEmpty()) {
            listener.onControllerFound(ClusterObjectParser.controller(reference.kind(), metadata, naming));
        } else {
            listener.onControllerAbsent(reference.uid());
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
        for (Map<?, ?> resource : JsonFields.objects(group, "resources")) {
            String plural = JsonFields.text(resource, "name");
            // Subresources, such as "rollouts/status", have the kind of their resource.
            if (JsonFields.text(resource, "kind").equals(reference.kind())
                    && !plural.isEmpty()
                    && !plural.contains("/")) {
                var path = new ApiResourcePath(reference.apiVersion(), plural, JsonFields.flag(resource, "namespaced"));
                paths.put(key, path);
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }

    private static boolean isFinal(ApiException e) {
        return switch (e.failure()) {
            case FORBIDDEN, NOT_SERVED, GONE, WRONG_REQUEST, UNREADABLE -> true;
            case UNREACHABLE, UNAUTHORIZED, UNAVAILABLE -> false;
        };
    }

    private void logUnreadable(OwnerReference reference, String reason) {
        String kind = reference.apiVersion() + "/" + reference.kind();
        if (loggedKinds.add(kind)) {
            log.atWarn()
                    .addKeyValue("kind", kind)
                    .addKeyValue("verb", "get")
                    .addKeyValue("reason", reason)
                    .log("Cannot read controllers of a kind: their pods are named by them instead of by their owners:"
                            + " grant the verb get on their resource; the look-up is retried later");
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
