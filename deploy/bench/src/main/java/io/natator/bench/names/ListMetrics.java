package io.natator.bench.names;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the number of list requests of all clients from the API server's metric {@code apiserver_request_total}. */
final class ListMetrics {
    private static final String NAME = "apiserver_request_total{";
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    private ListMetrics() {}

    /**
     * The number of lists over all namespaces since the API server started, by resource, for the kinds that the
     * enricher reads.
     */
    static Map<String, Long> lists(KubernetesApi api) {
        Set<String> resources = new HashSet<>();
        for (RecordedKind kind : RecordedKind.values()) {
            resources.add(kind.resource());
        }
        Map<String, Long> counts = new TreeMap<>();
        api.text("/metrics").lines().filter(line -> line.startsWith(NAME)).forEach(line -> {
            Map<String, String> labels = labels(line);
            if ("LIST".equals(labels.get("verb"))
                    && "cluster".equals(labels.get("scope"))
                    && resources.contains(labels.get("resource"))) {
                counts.merge(
                        labels.getOrDefault("resource", ""),
                        (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)),
                        Long::sum);
            }
        });
        return counts;
    }

    private static Map<String, String> labels(String line) {
        Map<String, String> labels = new HashMap<>();
        Matcher matcher = LABEL.matcher(line);
        while (matcher.find()) {
            labels.put(matcher.group(1), matcher.group(2));
        }
        return labels;
    }

    /** The increase of each number between two readings, without those that have not increased. */
    static Map<String, Long> since(Map<String, Long> before, Map<String, Long> now) {
        Map<String, Long> added = new TreeMap<>();
        now.forEach((resource, count) -> {
            long more = count - before.getOrDefault(resource, 0L);
            if (more != 0) {
                added.put(resource, more);
            }
        });
        return added;
    }
}
