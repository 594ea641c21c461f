package io.natator.topology.statistics;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Up to when the identities of each cluster are complete. Thread-safe. */
public final class IdentityCompleteness {
    private final Map<String, Long> byCluster = new ConcurrentHashMap<>();

    /**
     * The cluster whose identities are complete up to the earliest time.
     *
     * @param name name of the cluster; empty if it has none
     * @param completeAsOfMillis milliseconds since the epoch; 0 if its identities are not published yet
     */
    public record Cluster(String name, long completeAsOfMillis) {}

    /**
     * Sets the time of a cluster.
     *
     * @param completeAsOfMillis milliseconds since the epoch; 0 if its identities are not published yet
     */
    public void set(String cluster, long completeAsOfMillis) {
        byCluster.put(cluster, completeAsOfMillis);
    }

    /** Removes a cluster from which no connections are reported any longer. */
    public void remove(String cluster) {
        byCluster.remove(cluster);
    }

    /** The cluster that is furthest behind; empty if no connection was reported recently. */
    public Optional<Cluster> oldest() {
        return byCluster.entrySet().stream()
                .min(Map.Entry.<String, Long>comparingByValue().thenComparing(Comparator.comparing(Map.Entry::getKey)))
                .map(oldest -> new Cluster(oldest.getKey(), oldest.getValue()));
    }
}
