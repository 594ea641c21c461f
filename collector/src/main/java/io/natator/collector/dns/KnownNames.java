package io.natator.collector.dns;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/** When each name of an address was last told; those not asked for the longest are forgotten. Not thread-safe. */
final class KnownNames {
    /** A name that an address was the answer to. */
    record Name(InetAddress address, String name) {}

    private final long repeatNanos;
    private final Map<Name, Long> toldAtNanos;

    /**
     * Nothing is known.
     *
     * @param capacity how many are remembered
     * @param repeatNanos after which time one is told again
     */
    KnownNames(int capacity, long repeatNanos) {
        this.repeatNanos = repeatNanos;
        this.toldAtNanos = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Name, Long> eldest) {
                return size() > capacity;
            }
        };
    }

    boolean isDue(Name name, long nowNanos) {
        Long told = toldAtNanos.get(name);
        return told == null || nowNanos - told >= repeatNanos;
    }

    void told(Name name, long nowNanos) {
        toldAtNanos.put(name, nowNanos);
    }

    /** It did not arrive. */
    void untold(Name name) {
        toldAtNanos.remove(name);
    }

    int size() {
        return toldAtNanos.size();
    }
}
