package io.natator.enricher.cluster;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Checks for each kind of objects whether the enricher can list it, by listing one object. A standby uses this to know
 * whether it could take over. Not thread-safe.
 */
public final class ClusterProbe {
    private final ApiReader reader;
    private final List<String> namespaces;
    private final Map<WatchedKind, KindHealth> kinds = new EnumMap<>(WatchedKind.class);

    /**
     * @param reader is not closed by this instance
     * @param namespaces the namespaces to list; if empty, all namespaces
     */
    public ClusterProbe(ApiReader reader, List<String> namespaces) {
        this.reader = reader;
        this.namespaces = List.copyOf(namespaces);
    }

    /** Lists one object of each kind. */
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
            reader.list(new ApiReader.Collection(kind, namespace), 1, "", object -> {});
            return KindHealth.listed(false);
        } catch (ApiException e) {
            return before.afterFailure(e);
        } catch (RuntimeException e) {
            return before.afterFailure(new ApiException(ApiException.Failure.UNREADABLE, e.toString(), e));
        }
    }
}
