package io.natator.enricher.cluster;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts the events of all watches, by kind. Thread-safe. */
public final class WatchStatistics {
    /** The types of events that a watch can report. */
    public enum Event {
        ADDED,
        UPDATED,
        DELETED
    }

    private final Map<WatchedKind, Map<Event, LongAdder>> events = new EnumMap<>(WatchedKind.class);
    private final Map<WatchedKind, Map<ExclusionReason, LongAdder>> excluded = new EnumMap<>(WatchedKind.class);
    private final Map<WatchedKind, LongAdder> resets = new EnumMap<>(WatchedKind.class);

    public WatchStatistics() {
        for (WatchedKind kind : WatchedKind.values()) {
            events.put(kind, adders(Event.class));
            excluded.put(kind, adders(ExclusionReason.class));
            resets.put(kind, new LongAdder());
        }
    }

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        Map<E, LongAdder> adders = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            adders.put(constant, new LongAdder());
        }
        return adders;
    }

    void count(WatchedKind kind, Event event) {
        adder(adder(events, kind), event).increment();
    }

    void countExcluded(WatchedKind kind, ExclusionReason reason) {
        adder(adder(excluded, kind), reason).increment();
    }

    void countReset(WatchedKind kind) {
        adder(resets, kind).increment();
    }

    /** The number of events about objects of a kind. */
    public long events(WatchedKind kind, Event event) {
        return adder(adder(events, kind), event).sum();
    }

    /** The number of objects and fields of a kind that were excluded. */
    public long excluded(WatchedKind kind, ExclusionReason reason) {
        return adder(adder(excluded, kind), reason).sum();
    }

    /** How many times a kind was listed again after its first list. */
    public long resets(WatchedKind kind) {
        return adder(resets, kind).sum();
    }

    private static <K extends Enum<K>, V> V adder(Map<K, V> map, K key) {
        V value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("no counter for " + key);
        }
        return value;
    }
}
