package io.natator.collector.dns;

import io.natator.collector.cache.BoundedCache;
import java.net.InetAddress;

/** Stores when each name of an address was last published. Evicts the least recently used name. Not thread-safe. */
final class KnownNames {
    /** A name, and an address that a lookup of it returned. */
    record Name(InetAddress address, String name) {}

    private final long repeatNanos;
    private final BoundedCache<Name, Long> publishedAtNanos;

    /**
     * No name is known yet.
     *
     * @param capacity maximum number of names
     * @param repeatNanos after this time a name is due again
     */
    KnownNames(int capacity, long repeatNanos) {
        this.repeatNanos = repeatNanos;
        this.publishedAtNanos = new BoundedCache<>(capacity);
    }

    boolean isDue(Name name, long nowNanos) {
        Long published = publishedAtNanos.get(name);
        return published == null || nowNanos - published >= repeatNanos;
    }

    void markPublished(Name name, long nowNanos) {
        publishedAtNanos.put(name, nowNanos);
    }

    /** Its record did not arrive: it is due again. */
    void forget(Name name) {
        publishedAtNanos.remove(name);
    }

    int size() {
        return publishedAtNanos.size();
    }
}
