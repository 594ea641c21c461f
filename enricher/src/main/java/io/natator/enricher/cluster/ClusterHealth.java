package io.natator.enricher.cluster;

import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Which kinds of objects of a cluster can be read. */
public final class ClusterHealth {
    /** Nothing is known yet. */
    public static final ClusterHealth UNKNOWN = new ClusterHealth(Map.of());

    private final Map<WatchedKind, KindHealth> kinds;

    ClusterHealth(Map<WatchedKind, KindHealth> kinds) {
        this.kinds = kinds.isEmpty() ? new EnumMap<>(WatchedKind.class) : new EnumMap<>(kinds);
    }

    /** What is known about a kind. */
    public KindHealth of(WatchedKind kind) {
        return kinds.getOrDefault(kind, KindHealth.UNKNOWN);
    }

    /**
     * Why names cannot be right, in one line; empty if they can. Without the right to list pods, nothing can be named.
     * Other kinds may be refused on purpose. A kind that fails for any other reason counts as a fault.
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

    /** The kinds that may not be listed, in one line; empty if all may. */
    public String refused() {
        String resources = kinds.entrySet().stream()
                .filter(entry -> entry.getValue().listing() == KindHealth.Listing.REFUSED)
                .map(entry -> entry.getKey().resource())
                .collect(Collectors.joining(", "));
        return resources.isEmpty() ? "" : "may not list " + resources;
    }
}
