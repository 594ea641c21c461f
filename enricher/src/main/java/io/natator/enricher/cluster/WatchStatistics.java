package io.natator.enricher.cluster;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts what is watched. Thread-safe. */
public final class WatchStatistics {
    /** What can happen to an object. */
    public enum Event {
        ADDED,
        UPDATED,
        DELETED
    }

    private final Map<WatchedKind, Map<Event, LongAdder>> events = new EnumMap<>(WatchedKind.class);
    private final Map<WatchedKind, Map<Oddity, LongAdder>> oddities = new EnumMap<>(WatchedKind.class);
    private final Map<WatchedKind, LongAdder> resets = new EnumMap<>(WatchedKind.class);

    public WatchStatistics() {
        for (WatchedKind kind : WatchedKind.values()) {
            events.put(kind, adders(Event.class));
            oddities.put(kind, adders(Oddity.class));
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

    void count(WatchedKind kind, Oddity oddity) {
        adder(adder(oddities, kind), oddity).increment();
    }

    void countReset(WatchedKind kind) {
        adder(resets, kind).increment();
    }

    /** Events of objects of a kind. */
    public long events(WatchedKind kind, Event event) {
        return adder(adder(events, kind), event).sum();
    }

    /** Objects or fields of a kind that were set aside. */
    public long oddities(WatchedKind kind, Oddity oddity) {
        return adder(adder(oddities, kind), oddity).sum();
    }

    /** How often a kind was listed anew after its first list. */
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
