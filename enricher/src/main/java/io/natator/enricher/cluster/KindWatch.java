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

/**
 * One informer: a kind, in one namespace or all. Its events come one after the other, and nothing more is read before
 * they are taken in.
 */
final class KindWatch implements ResourceEventHandler<GenericKubernetesResource>, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(KindWatch.class);
    /** Objects read and not yet taken in; one page of a list is in memory besides. */
    private static final int BACKLOG = 100;

    private final WatchedKind kind;
    private final String namespace;
    private final SharedIndexInformer<GenericKubernetesResource> informer;
    private final Distiller distiller;
    private final ClusterListener listener;
    private final WatchStatistics statistics;
    private final WatchComplaints complaints;
    private final Consumer<KindWatch> settled;
    private final Backlog backlog = new Backlog(BACKLOG);
    private volatile boolean listed;
    private volatile boolean refused;
    /** Until the next list is complete, what fails is the list. */
    private volatile boolean listing = true;
    /** The list came and the watch did not: it goes by lists until then. */
    private volatile boolean withoutWatch;

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
        informer.itemStore(new VersionStore(backlog));
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
        withoutWatch |= !listing;
        complaints.failed(this, listing ? "list" : "watch", cause);
        if (WatchComplaints.isRefusal(cause) && !listed) {
            refused = true;
            settled.accept(this);
        }
    }

    @Override
    public void onBeforeList(@Nullable String lastSyncResourceVersion) {
        listing = true;
        if (lastSyncResourceVersion != null) {
            statistics.countReset(kind);
        }
    }

    @Override
    public void onList(String resourceVersion, boolean remainedEmpty) {
        listing = false;
        if (!withoutWatch) {
            complaints.recovered(this);
        }
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
        try {
            statistics.count(kind, Event.ADDED);
            observe(object);
        } finally {
            backlog.leave();
        }
    }

    @Override
    public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource object) {
        try {
            statistics.count(kind, Event.UPDATED);
            String uidBefore = uidOf(before);
            if (!uidBefore.isEmpty() && !uidBefore.equals(uidOf(object))) {
                listener.gone(uidBefore); // deleted and made anew under its name while nobody looked
            }
            observe(object);
        } finally {
            backlog.leave();
        }
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

    /** True if it is listed and watches, or is not listed yet. To be asked every few seconds. */
    boolean isWatchingIfListed() {
        boolean watching = informer.isWatching();
        if (withoutWatch && watching) {
            withoutWatch = false;
            complaints.recovered(this);
        }
        return !listed || watching;
    }

    Optional<String> lastFailure() {
        return Optional.ofNullable(lastFailure);
    }

    @Override
    public void close() {
        informer.stop();
        backlog.close();
    }
}
