package io.natator.enricher.cluster;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.OwnerReference;
import io.natator.enricher.ownership.WantedController;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up controllers of any kind by the discovery API, their metadata only, a few at a time. An unreachable API
 * server is asked again until it answers.
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

        /** It does not, or may not be read. */
        void unavailable(String controllerUid);
    }

    private final KubernetesClient client;
    private final Answers answers;
    private final Semaphore slots = new Semaphore(AT_A_TIME);
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("controller-lookup-", 0).factory());
    /** What discovery said, by {@code apiVersion/kind}. */
    private final Map<String, ResourceDefinitionContext> contexts = new ConcurrentHashMap<>();

    private final Set<String> complainedAbout = ConcurrentHashMap.newKeySet();

    /** @param client stays the caller's to close, after this */
    public ControllerLookup(KubernetesClient client, Answers answers) {
        this.client = client;
        this.answers = answers;
        for (WatchedKind kind : WatchedKind.values()) {
            contexts.put(kind.apiVersion() + "/" + kind.kind(), kind.context());
        }
    }

    /** Looks it up in the background. */
    public void start(WantedController wanted) {
        threads.execute(() -> lookUp(wanted));
    }

    private void lookUp(WantedController wanted) {
        OwnerReference reference = wanted.reference();
        Duration pause = FIRST_PAUSE;
        try {
            while (true) {
                slots.acquire();
                try {
                    answer(reference, find(wanted));
                    return;
                } catch (KubernetesClientException e) {
                    if (isFinal(e)) {
                        complain(reference, e);
                        answers.unavailable(reference.uid());
                        return;
                    }
                    log.atDebug()
                            .setCause(e)
                            .addKeyValue("kind", reference.kind())
                            .log("Looking up a controller failed, will be tried again");
                } finally {
                    slots.release();
                }
                Thread.sleep(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private void answer(OwnerReference reference, Optional<ClusterObject.Controller> found) {
        // Another object under the same name is not the one that was meant.
        Optional<ClusterObject.Controller> meant =
                found.filter(controller -> controller.uid().equals(reference.uid()));
        if (meant.isPresent()) {
            answers.found(meant.get());
        } else {
            answers.unavailable(reference.uid());
        }
    }

    private Optional<ClusterObject.Controller> find(WantedController wanted) {
        OwnerReference reference = wanted.reference();
        ResourceDefinitionContext context = contextOf(reference);
        if (context == null) {
            return Optional.empty();
        }
        var resources = client.genericKubernetesResources(context);
        Resource<GenericKubernetesResource> resource = context.isNamespaceScoped()
                ? resources.inNamespace(wanted.namespace()).withName(reference.name())
                : resources.withName(reference.name());
        PartialObjectMetadata object = resource.getAsPartialObjectMetadata();
        return object == null
                        || object.getMetadata() == null
                        || object.getMetadata().getUid() == null
                ? Optional.empty()
                : Optional.of(Distiller.controller(reference.kind(), object.getMetadata()));
    }

    private @Nullable ResourceDefinitionContext contextOf(OwnerReference reference) {
        String key = reference.apiVersion() + "/" + reference.kind();
        ResourceDefinitionContext known = contexts.get(key);
        if (known != null) {
            return known;
        }
        APIResourceList resources = client.getApiResources(reference.apiVersion());
        if (resources == null || resources.getResources() == null) {
            return null;
        }
        for (APIResource resource : resources.getResources()) {
            // Subresources, such as "rollouts/status", have the kind of their resource.
            if (reference.kind().equals(resource.getKind())
                    && !resource.getName().contains("/")) {
                ResourceDefinitionContext context =
                        ResourceDefinitionContext.fromApiResource(reference.apiVersion(), resource);
                contexts.put(key, context);
                return context;
            }
        }
        return null;
    }

    private static boolean isFinal(KubernetesClientException e) {
        int code = e.getCode();
        return code >= HttpURLConnection.HTTP_BAD_REQUEST
                && code < HttpURLConnection.HTTP_INTERNAL_ERROR
                && code != HttpURLConnection.HTTP_CLIENT_TIMEOUT
                && code != 429;
    }

    private void complain(OwnerReference reference, KubernetesClientException e) {
        String kind = reference.apiVersion() + "/" + reference.kind();
        if (complainedAbout.add(kind)) {
            log.atWarn()
                    .addKeyValue("kind", kind)
                    .addKeyValue("verb", "get")
                    .addKeyValue("reason", WatchComplaints.reason(e))
                    .log("May not read controllers of a kind: pods below them go by them instead of what is above them:"
                            + " grant the verb get on their resource");
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
