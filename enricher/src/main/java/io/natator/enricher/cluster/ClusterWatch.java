package io.natator.enricher.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists and watches every kind of object that affects who owns which address. Pods are listed last, when their nodes
 * and controllers are known. Pods do not wait for a kind whose list fails: the controllers of pods are then looked up
 * one by one.
 */
public final class ClusterWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClusterWatch.class);
    /**
     * The list of pods waits at most this long for the lists of other kinds. The time starts when the API server has
     * responded to the first list.
     */
    private static final Duration PODS_DELAY = Duration.ofSeconds(30);

    /** A watch brings a change at most this long after the API server can answer with it. */
    private static final Duration DELIVERED_WITHIN = Duration.ofSeconds(1);

    private final ClusterListener listener;
    private final ServingProbe probe;
    private final Map<WatchedKind, List<KindWatch>> watches = new EnumMap<>(WatchedKind.class);
    private final Thread podsTimer = Thread.ofVirtual().name("pods-timer").unstarted(this::startPodsAfterDelay);
    private final Set<WatchedKind> listed = EnumSet.noneOf(WatchedKind.class);
    private boolean podsStarted;
    private boolean closed;

    /**
     * @param reader is not closed by this instance; the caller closes it after this instance
     * @param scope which part of the cluster to watch
     */
    public ClusterWatch(
            ApiReader reader, Scope scope, ClusterListener listener, WatchStatistics statistics, InstantSource clock) {
        this.listener = listener;
        probe = new ServingProbe(reader, clock);
        var context = new KindWatch.Context(
                new KindWatch.Lister(reader, scope.pageSize()),
                clock,
                new ClusterObjectParser(clock, statistics::countExcluded, new WorkloadNaming(scope.workloadLabels())),
                listener,
                statistics,
                new WatchFailureLog(reader::credentials),
                this::onAnswered);
        for (WatchedKind kind : WatchedKind.values()) {
            watches.put(
                    kind,
                    kind.namespacesAmong(scope.namespaces()).stream()
                            .map(namespace -> new KindWatch(new ApiReader.Collection(kind, namespace), context))
                            .toList());
        }
    }

    /**
     * Which part of the cluster to watch.
     *
     * @param namespaces the namespaces to watch; if empty, all namespaces
     * @param pageSize objects per page of a list
     * @param workloadLabels labels that name the workloads of one-off objects
     */
    public record Scope(List<String> namespaces, long pageSize, List<String> workloadLabels) {}

    /** Starts to list and watch, in the background. */
    public synchronized void start() {
        probe.start();
        watches.forEach((kind, ofKind) -> {
            if (kind != WatchedKind.POD) {
                ofKind.forEach(KindWatch::start);
            }
        });
    }

    /** The API server has responded to a list of a kind, with the objects or with an error. */
    private synchronized void onAnswered(KindWatch watch) {
        if (closed) {
            return;
        }
        WatchedKind kind = watch.kind();
        if (of(kind).stream().allMatch(KindWatch::isListed) && listed.add(kind)) {
            kind.reconciled().ifPresent(listener::onListed);
        }
        if (podsStarted) {
            return;
        }
        boolean othersAnswered = watches.entrySet().stream()
                .filter(entry -> entry.getKey() != WatchedKind.POD)
                .flatMap(entry -> entry.getValue().stream())
                .allMatch(KindWatch::isAnswered);
        if (othersAnswered) {
            startPods();
        } else if (podsTimer.getState() == Thread.State.NEW) {
            podsTimer.start();
        }
    }

    private void startPodsAfterDelay() {
        try {
            Thread.sleep(PODS_DELAY);
        } catch (InterruptedException e) {
            return; // the watches of pods were started already, or this instance was closed
        }
        synchronized (this) {
            if (!podsStarted && !closed) {
                log.atInfo()
                        .addKeyValue("reason", health().unready())
                        .log(
                                "Pods are listed although other kinds are not listed yet: their owners are looked up one by one");
                startPods();
            }
        }
    }

    private void startPods() {
        podsStarted = true;
        podsTimer.interrupt();
        of(WatchedKind.POD).forEach(KindWatch::start);
    }

    private List<KindWatch> of(WatchedKind kind) {
        List<KindWatch> ofKind = watches.get(kind);
        return ofKind == null ? List.of() : ofKind;
    }

    /**
     * Up to when the listener has received everything that happened in the cluster, apart from kinds that may not be
     * listed. It can be earlier than it was before, while a watch is resumed. {@link Instant#MIN} before every kind was
     * listed.
     */
    public Instant completeAsOf() {
        Instant served = probe.servedAt().minus(DELIVERED_WITHIN);
        return watches.values().stream()
                .flatMap(List::stream)
                .map(watch -> watch.completeAsOf(served))
                .min(Instant::compareTo)
                .filter(served::isAfter)
                .orElse(served);
    }

    /** Which kinds can be read. */
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
        probe.close();
        podsTimer.interrupt();
        watches.values().forEach(ofKind -> ofKind.forEach(KindWatch::close));
    }
}
