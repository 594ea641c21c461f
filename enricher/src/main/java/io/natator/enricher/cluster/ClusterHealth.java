package io.natator.enricher.cluster;

import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Which kinds of objects of a cluster the enricher can read from the API server. */
public final class ClusterHealth {
    /** The health before the first request to the API server: nothing is known. */
    public static final ClusterHealth UNKNOWN = new ClusterHealth(Map.of());

    private final Map<WatchedKind, KindHealth> kinds;

    ClusterHealth(Map<WatchedKind, KindHealth> kinds) {
        this.kinds = kinds.isEmpty() ? new EnumMap<>(WatchedKind.class) : new EnumMap<>(kinds);
    }

    /** Returns what is known about a kind. */
    public KindHealth of(WatchedKind kind) {
        return kinds.getOrDefault(kind, KindHealth.UNKNOWN);
    }

    /**
     * Why the enricher cannot publish correct names, in one line; empty if it can. The right to list pods is required.
     * If the API server refuses to list another kind, the enricher is ready all the same, because an administrator can
     * refuse it on purpose. A kind whose list fails for any other reason makes the enricher unready.
     */
    public String unready() {
        for (WatchedKind kind : WatchedKind.values()) {
            KindHealth health = of(kind);
            switch (health.listing()) {
                case LISTED -> {}
                case REFUSED -> {
                    if (kind == WatchedKind.POD) {
                        return kind.resource() + " may not be listed: " + health.reason();
                    }
                }
                case WAITING, FAILING -> {
                    return kind.resource() + " not listed yet: " + health.reason();
                }
            }
        }
        return "";
    }

    /** The kinds that the API server refuses to list, in one line; empty if it refuses none. */
    public String refused() {
        String resources = kinds.entrySet().stream()
                .filter(entry -> entry.getValue().listing() == KindHealth.Listing.REFUSED)
                .map(entry -> entry.getKey().resource())
                .collect(Collectors.joining(", "));
        return resources.isEmpty() ? "" : "may not list " + resources;
    }
}
