package io.natator.collector.dns;

import io.natator.collector.cache.BoundedCache;
import java.net.InetAddress;
import java.time.Duration;

/**
 * Stores when each name was last published. A name should be published if it is new, or if it was last published an
 * hour ago. If there are more names than the capacity, the least recently used one is evicted. Not thread-safe.
 */
final class KnownNames {
    private static final int CAPACITY = 16_384;
    private static final long REPEAT_NANOS = Duration.ofHours(1).toNanos();

    /** A name, and an address that a lookup of the name returned. */
    record Name(InetAddress address, String name) {}

    private final BoundedCache<Name, Long> publishedAtNanos = new BoundedCache<>(CAPACITY);

    /** Whether the name should be published now. */
    boolean isDue(Name name, long nowNanos) {
        Long published = publishedAtNanos.get(name);
        return published == null || nowNanos - published >= REPEAT_NANOS;
    }

    void markPublished(Name name, long nowNanos) {
        publishedAtNanos.put(name, nowNanos);
    }

    /** Makes a name due for publication again. Call it if the name's record did not reach Kafka. */
    void forget(Name name) {
        publishedAtNanos.remove(name);
    }

    int size() {
        return publishedAtNanos.size();
    }
}
