package io.natator.enricher.cluster;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.natator.enricher.cluster.WatchStatistics.Event;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One informer: a kind, in one namespace or all. Its events come one after the other. */
final class KindWatch implements ResourceEventHandler<GenericKubernetesResource>, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KindWatch.class);

    private final WatchedKind kind;
    private final String namespace;
    private final SharedIndexInformer<GenericKubernetesResource> informer;
    private final Distiller distiller;
    private final ClusterListener listener;
    private final WatchStatistics statistics;
    private final WatchComplaints complaints;
    private final Consumer<KindWatch> settled;
    private volatile boolean listed;
    private volatile boolean refused;
    private volatile @Nullable String lastFailure;

    KindWatch(
            WatchedKind kind,
            String namespace,
            SharedIndexInformer<GenericKubernetesResource> informer,
            Distiller distiller,
            ClusterListener listener,
            WatchStatistics statistics,
            WatchComplaints complaints,
            Consumer<KindWatch> settled) {
        this.kind = kind;
        this.namespace = namespace;
        this.informer = informer;
        this.distiller = distiller;
        this.listener = listener;
        this.statistics = statistics;
        this.complaints = complaints;
        this.settled = settled;
    }

    void start() {
        informer.removeNamespaceIndex();
        informer.itemStore(new VersionStore());
        informer.exceptionHandler((started, thrown) -> {
            failed(thrown);
            return true;
        });
        informer.addEventHandler(this);
        informer.start();
    }

    private void failed(Throwable thrown) {
        Throwable cause = thrown instanceof java.util.concurrent.CompletionException && thrown.getCause() != null
                ? thrown.getCause()
                : thrown;
        lastFailure = WatchComplaints.reason(cause);
        complaints.failed(this, cause);
        if (WatchComplaints.isRefusal(cause) && !listed) {
            refused = true;
            settled.accept(this);
        }
    }

    @Override
    public void onBeforeList(@Nullable String lastSyncResourceVersion) {
        if (lastSyncResourceVersion != null) {
            statistics.countReset(kind);
        }
    }

    @Override
    public void onList(String resourceVersion, boolean remainedEmpty) {
        complaints.recovered(this);
        lastFailure = null;
        refused = false;
        boolean first = !listed;
        listed = true;
        if (first) {
            settled.accept(this);
        }
    }

    @Override
    public void onAdd(GenericKubernetesResource object) {
        statistics.count(kind, Event.ADDED);
        observe(object);
    }

    @Override
    public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource object) {
        statistics.count(kind, Event.UPDATED);
        String uidBefore = uidOf(before);
        if (!uidBefore.isEmpty() && !uidBefore.equals(uidOf(object))) {
            listener.gone(uidBefore); // deleted and made anew under its name while nobody looked
        }
        observe(object);
    }

    @Override
    public void onDelete(GenericKubernetesResource object, boolean deletedFinalStateUnknown) {
        statistics.count(kind, Event.DELETED);
        if (!deletedFinalStateUnknown) {
            observe(object); // its last state may tell when its containers ended
        }
        if (!uidOf(object).isEmpty()) {
            listener.gone(uidOf(object));
        }
    }

    private void observe(GenericKubernetesResource object) {
        try {
            distiller.distill(kind, object).ifPresent(listener::observed);
        } catch (RuntimeException e) {
            statistics.count(kind, Oddity.UNEXPECTED);
            log.atWarn()
                    .setCause(e)
                    .addKeyValue("kind", kind.kind())
                    .log("Could not take in an object: it is left out: please report this");
        }
    }

    private static String uidOf(GenericKubernetesResource object) {
        return object.getMetadata() == null || object.getMetadata().getUid() == null
                ? ""
                : object.getMetadata().getUid();
    }

    WatchedKind kind() {
        return kind;
    }

    String namespace() {
        return namespace;
    }

    boolean isListed() {
        return listed;
    }

    boolean isRefused() {
        return refused;
    }

    boolean isSettled() {
        return listed || refused;
    }

    boolean isWatchingIfListed() {
        return !listed || informer.isWatching();
    }

    Optional<String> lastFailure() {
        return Optional.ofNullable(lastFailure);
    }

    @Override
    public void close() {
        informer.stop();
    }
}
