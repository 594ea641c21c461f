package io.natator.enricher.cluster;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Finds out whether each kind could be listed, by a list of one object each: what a candidate would be able to do if it
 * led. For one thread.
 */
public final class ClusterProbe {
    private final ApiReader reader;
    private final List<String> namespaces;
    private final Map<WatchedKind, KindHealth> kinds = new EnumMap<>(WatchedKind.class);

    /**
     * @param reader stays the caller's to close
     * @param namespaces the namespaces that would be watched; all if empty
     */
    public ClusterProbe(ApiReader reader, List<String> namespaces) {
        this.reader = reader;
        this.namespaces = List.copyOf(namespaces);
    }

    /** Asks for each kind once. */
    public ClusterHealth probe() throws InterruptedException {
        for (WatchedKind kind : WatchedKind.values()) {
            KindHealth before = kinds.getOrDefault(kind, KindHealth.UNKNOWN);
            KindHealth now = KindHealth.listed(false);
            for (String namespace : kind.namespacesAmong(namespaces)) {
                now = now.worse(probe(kind, namespace, before));
            }
            kinds.put(kind, now);
        }
        return new ClusterHealth(kinds);
    }

    private KindHealth probe(WatchedKind kind, String namespace, KindHealth before) throws InterruptedException {
        try {
            reader.list(kind, namespace, 1, "", object -> {});
            return KindHealth.listed(false);
        } catch (ApiException e) {
            return before.afterFailure(e);
        } catch (RuntimeException e) {
            return before.afterFailure(new ApiException(ApiException.Cause.UNREADABLE, e.toString(), e));
        }
    }
}
