package io.natator.topology.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Scrapes instances in turn, like Prometheus, and records every counter that decreases. A counter must not be smaller
 * than in the previous scrape of the same instance. If a series is new at an instance, its value must not be smaller
 * than the highest value that any instance exported before. Otherwise the values of different instances are not
 * compared, because an instance that has lost a partition can export old values for a while. Must be used by one
 * thread.
 */
final class Scraper {
    private final Map<Instance, Map<String, Double>> last = new HashMap<>();
    private final Map<String, Double> most = new HashMap<>();
    private final List<String> steppedBack = new ArrayList<>();
    private int scrapes;

    void scrape(List<Instance> instances) {
        for (Instance instance : instances) {
            Map<String, Double> now = instance.counters();
            Map<String, Double> before = last.getOrDefault(instance, Map.of());
            now.forEach((series, value) -> {
                double least = before.getOrDefault(series, most.getOrDefault(series, 0.0));
                if (value < least) {
                    steppedBack.add(series + " " + least + " -> " + value);
                }
                most.merge(series, value, Math::max);
            });
            last.put(instance, now);
            scrapes += now.isEmpty() ? 0 : 1;
        }
    }

    List<String> steppedBack() {
        return steppedBack;
    }

    /** The number of successful scrapes. */
    int scrapes() {
        return scrapes;
    }
}
