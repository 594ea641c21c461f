package io.natator.enricher.cluster;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists and watches everything that decides who owns which address. Pods come last, when the nodes and controllers that
 * exist are known, but do not wait for a kind that cannot be listed: their owners are then looked up one by one, and
 * their names improve when the kind comes.
 */
public final class ClusterWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClusterWatch.class);
    /** Pods wait so long for kinds that are slow, once the API server has answered for one. */
    private static final Duration PODS_WAIT = Duration.ofSeconds(30);

    private final ApiReader reader;
    private final List<String> namespaces;
    private final long pageSize;
    private final ClusterListener listener;
    private final WatchStatistics statistics;
    private final Distiller distiller;
    private final WatchComplaints complaints;
    private final Map<WatchedKind, List<KindWatch>> watches = new EnumMap<>(WatchedKind.class);
    private final Thread podsAtLast = Thread.ofVirtual().name("pods-at-last").unstarted(this::startPodsAtLast);
    private final Set<WatchedKind> listed = EnumSet.noneOf(WatchedKind.class);
    private boolean podsStarted;
    private boolean closed;

    /**
     * @param reader stays the caller's to close, after this
     * @param namespaces the namespaces to watch; all if empty
     * @param pageSize objects per page of a list
     */
    public ClusterWatch(
            ApiReader reader,
            List<String> namespaces,
            long pageSize,
            ClusterListener listener,
            WatchStatistics statistics,
            InstantSource clock) {
        this.reader = reader;
        this.complaints = new WatchComplaints(reader::credentials);
        this.namespaces = List.copyOf(namespaces);
        this.pageSize = pageSize;
        this.listener = listener;
        this.statistics = statistics;
        this.distiller = new Distiller(clock, statistics::count);
        for (WatchedKind kind : WatchedKind.values()) {
            watches.put(kind, kindWatches(kind));
        }
    }

    private List<KindWatch> kindWatches(WatchedKind kind) {
        List<KindWatch> ofKind = new ArrayList<>();
        for (String namespace : kind.namespacesAmong(namespaces)) {
            ofKind.add(new KindWatch(
                    kind, namespace, reader, pageSize, distiller, listener, statistics, complaints, this::settled));
        }
        return List.copyOf(ofKind);
    }

    /** Starts to list and watch, in the background. */
    public synchronized void start() {
        watches.forEach((kind, ofKind) -> {
            if (kind != WatchedKind.POD) {
                ofKind.forEach(KindWatch::start);
            }
        });
    }

    /** Called when the API server has answered for a kind, whatever it said. */
    private synchronized void settled(KindWatch watch) {
        if (closed) {
            return;
        }
        WatchedKind kind = watch.kind();
        if (of(kind).stream().allMatch(KindWatch::isListed) && listed.add(kind)) {
            kind.reconciled().ifPresent(listener::listed);
        }
        if (podsStarted) {
            return;
        }
        boolean othersSettled = watches.entrySet().stream()
                .filter(entry -> entry.getKey() != WatchedKind.POD)
                .flatMap(entry -> entry.getValue().stream())
                .allMatch(KindWatch::isAnswered);
        if (othersSettled) {
            startPods();
        } else if (podsAtLast.getState() == Thread.State.NEW) {
            podsAtLast.start();
        }
    }

    private void startPodsAtLast() {
        try {
            Thread.sleep(PODS_WAIT);
        } catch (InterruptedException e) {
            return; // started, or closed
        }
        synchronized (this) {
            if (!podsStarted && !closed) {
                log.atInfo()
                        .addKeyValue("reason", health().unready())
                        .log("Pods are listed before all other kinds are: owners are looked up one by one");
                startPods();
            }
        }
    }

    private void startPods() {
        podsStarted = true;
        podsAtLast.interrupt();
        of(WatchedKind.POD).forEach(KindWatch::start);
    }

    private List<KindWatch> of(WatchedKind kind) {
        List<KindWatch> ofKind = watches.get(kind);
        return ofKind == null ? List.of() : ofKind;
    }

    /** What can be read of the cluster. */
    public ClusterHealth health() {
        Map<WatchedKind, KindHealth> kinds = new EnumMap<>(WatchedKind.class);
        watches.forEach((kind, ofKind) -> ofKind.stream()
                .map(KindWatch::health)
                .reduce(KindHealth::worse)
                .ifPresent(health -> kinds.put(kind, health)));
        return new ClusterHealth(kinds);
    }

    @Override
    public synchronized void close() {
        closed = true;
        podsAtLast.interrupt();
        watches.values().forEach(ofKind -> ofKind.forEach(KindWatch::close));
    }
}
