package io.natator.topology.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Scrapes instances in turn, as Prometheus does, and notes every counter that goes back: of one instance from one scrape
 * to the next, and below what any instance has told before, where a series appears at an instance anew. (An instance that
 * has not heard yet that it has lost a partition may go on to tell of it for a while, behind the one that has it.) One
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

    /** Scrapes that had an answer. */
    int scrapes() {
        return scrapes;
    }
}
