package io.natator.enricher.cluster;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists and watches everything that decides who owns which address. Pods come last, when the nodes and controllers that
 * exist are known. A dropped watch resumes where it was; when that version has expired, the kind is listed anew and
 * what is missing is told as gone.
 *
 * <p>Informers' periodic replay of their caches is off: what was told once is kept, so there is nothing to repeat.
 */
public final class ClusterWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClusterWatch.class);
    /** Checks in a row without a watch before it is worth a line; a reconnect usually takes less than one. */
    private static final int CHECKS_UNTIL_LOST = 2;

    private final KubernetesClient client;
    private final KubernetesClient metadataClient;
    private final List<String> namespaces;
    private final long pageSize;
    private final ClusterListener listener;
    private final WatchStatistics statistics;
    private final Distiller distiller;
    private final Map<WatchedKind, List<KindWatch>> watches = new EnumMap<>(WatchedKind.class);
    private final Map<WatchedKind, AtomicInteger> missedChecks = new EnumMap<>(WatchedKind.class);
    private final WatchComplaints complaints = new WatchComplaints();
    private boolean podsStarted;
    private boolean closed;
    private boolean lost;

    /**
     * @param client for whole objects; stays the caller's to close, after this
     * @param metadataClient for metadata; stays the caller's to close, after this
     * @param namespaces the namespaces to watch; all if empty
     * @param pageSize objects per page of a list
     */
    public ClusterWatch(
            KubernetesClient client,
            KubernetesClient metadataClient,
            List<String> namespaces,
            long pageSize,
            ClusterListener listener,
            WatchStatistics statistics,
            InstantSource clock) {
        this.client = client;
        this.metadataClient = metadataClient;
        this.namespaces = List.copyOf(namespaces);
        this.pageSize = pageSize;
        this.listener = listener;
        this.statistics = statistics;
        this.distiller = new Distiller(clock, statistics::count);
        for (WatchedKind kind : WatchedKind.values()) {
            missedChecks.put(kind, new AtomicInteger());
            watches.put(kind, kindWatches(kind));
        }
    }

    private List<KindWatch> kindWatches(WatchedKind kind) {
        var resources = (kind.isController() ? metadataClient : client).genericKubernetesResources(kind.context());
        List<KindWatch> ofKind = new ArrayList<>();
        if (namespaces.isEmpty() || !kind.isNamespaced()) {
            ofKind.add(watch(kind, "", kind.isNamespaced() ? resources.inAnyNamespace() : resources));
        } else {
            namespaces.forEach(namespace -> ofKind.add(watch(kind, namespace, resources.inNamespace(namespace))));
        }
        return List.copyOf(ofKind);
    }

    private KindWatch watch(WatchedKind kind, String namespace, Informable<GenericKubernetesResource> resources) {
        SharedIndexInformer<GenericKubernetesResource> informer =
                resources.withLimit(pageSize).runnableInformer(0);
        return new KindWatch(kind, namespace, informer, distiller, listener, statistics, complaints, this::settled);
    }

    /** Starts to list and watch, in the background. */
    public synchronized void start() {
        watches.forEach((kind, ofKind) -> {
            if (kind != WatchedKind.POD) {
                ofKind.forEach(KindWatch::start);
            }
        });
    }

    /** Called when a watch has listed, or was refused. */
    private synchronized void settled(KindWatch watch) {
        WatchedKind kind = watch.kind();
        List<KindWatch> ofKind = of(kind);
        if (ofKind.stream().allMatch(KindWatch::isListed)) {
            kind.reconciled().ifPresent(listener::listed);
        }
        boolean othersSettled = watches.entrySet().stream()
                .filter(entry -> entry.getKey() != WatchedKind.POD)
                .allMatch(entry -> entry.getValue().stream().allMatch(KindWatch::isSettled));
        if (othersSettled && !podsStarted && !closed) {
            podsStarted = true;
            of(WatchedKind.POD).forEach(KindWatch::start);
        }
    }

    private List<KindWatch> of(WatchedKind kind) {
        List<KindWatch> ofKind = watches.get(kind);
        return ofKind == null ? List.of() : ofKind;
    }

    /** Why the cluster is not known completely yet; empty when it is, as far as it may be read. */
    public synchronized Optional<String> incomplete() {
        for (var entry : watches.entrySet()) {
            for (KindWatch watch : entry.getValue()) {
                if (watch.isListed() || (watch.isRefused() && entry.getKey() != WatchedKind.POD)) {
                    continue;
                }
                return Optional.of(entry.getKey().resource()
                        + (watch.isRefused() ? " may not be listed: " : " not listed yet: ")
                        + watch.lastFailure().orElse("waiting for the API server"));
            }
        }
        return Optional.empty();
    }

    /** Says once when watches are lost, and once when they are back. To be called every few seconds. */
    public synchronized void check() {
        var missing = new TreeSet<String>();
        for (var entry : watches.entrySet()) {
            AtomicInteger missed = missedChecks.get(entry.getKey());
            boolean watching = entry.getValue().stream()
                            .filter(watch -> !watch.isWatchingIfListed())
                            .count()
                    == 0; // each of them is to be asked
            if (missed != null && watching) {
                missed.set(0);
            } else if (missed != null && missed.incrementAndGet() >= CHECKS_UNTIL_LOST) {
                missing.add(entry.getKey().resource());
            }
        }
        if (!missing.isEmpty() && !lost) {
            log.atWarn()
                    .addKeyValue("resources", String.join(",", missing))
                    .log("Watches are interrupted: the API server cannot be reached, or refuses the verb watch on these"
                            + " resources: they resume by themselves, nothing is lost");
        } else if (missing.isEmpty() && lost) {
            log.atInfo().log("Watches have resumed");
        }
        lost = !missing.isEmpty();
    }

    @Override
    public synchronized void close() {
        closed = true;
        watches.values().forEach(ofKind -> ofKind.forEach(KindWatch::close));
    }
}
