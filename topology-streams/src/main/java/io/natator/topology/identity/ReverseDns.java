package io.natator.topology.identity;

import io.natator.schemas.IpAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds names of addresses by PTR records (RFC 1035, RFC 3596). A name is used only if it resolves to the same address,
 * because the owner of an address can publish any name for it. {@link #find} reads a bounded cache, and background
 * threads do the look-ups. An address has no name while its look-up takes longer than the time limit, and if the queue
 * of look-ups is full. Thread-safe.
 */
public final class ReverseDns implements NameLookup, AutoCloseable {
    private static final int MAX_CACHED = 10_000;
    private static final int MAX_WAITING = 1_000;
    private static final int THREADS = 4;
    private static final Duration CACHE_TIME_OF_NAME = Duration.ofHours(1);
    private static final Duration CACHE_TIME_OF_NO_NAME = Duration.ofMinutes(10);
    private static final Duration TIME_LIMIT = Duration.ofSeconds(3);

    private final Function<InetAddress, @Nullable String> resolver;
    private final LongSupplier nanoTime;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().daemon().name("natator-reverse-dns-", 0).factory());
    private final Map<ByteBuffer, Cached> cache = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Cached> eldest) {
            return size() > MAX_CACHED;
        }
    };

    private record Cached(Result result, long expiresAt) {}

    /** Creates a look-up that uses the DNS configuration of this machine. */
    public ReverseDns() {
        this(ReverseDns::confirmedName, System::nanoTime);
    }

    /**
     * Creates a look-up that uses the given resolver and clock.
     *
     * @param resolver returns the name of an address, or null; is allowed to block
     * @param nanoTime a clock like {@link System#nanoTime}
     */
    ReverseDns(Function<InetAddress, @Nullable String> resolver, LongSupplier nanoTime) {
        this.resolver = resolver;
        this.nanoTime = nanoTime;
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public Result find(ByteBuffer address) {
        ByteBuffer key = copied(address);
        synchronized (cache) {
            long now = nanoTime.getAsLong();
            Cached known = cache.get(key);
            if (known != null && known.result().pending()) {
                // After the time limit there is no name for now, but the look-up continues in the background.
                return known.expiresAt() - now > 0 ? known.result() : Result.NO_NAME;
            }
            if (known != null && known.expiresAt() - now > 0) {
                return known.result();
            }
            try {
                threads.execute(() -> cacheResult(key, lookUp(key)));
            } catch (RejectedExecutionException tooMany) {
                return Result.NO_NAME;
            }
            cache.put(key, new Cached(Result.PENDING, now + TIME_LIMIT.toNanos()));
            return Result.PENDING;
        }
    }

    private void cacheResult(ByteBuffer address, Result result) {
        Duration lasts = result.name() == null ? CACHE_TIME_OF_NO_NAME : CACHE_TIME_OF_NAME;
        synchronized (cache) {
            cache.put(address, new Cached(result, nanoTime.getAsLong() + lasts.toNanos()));
        }
    }

    private Result lookUp(ByteBuffer address) {
        try {
            String name = HostNames.normalized(resolver.apply(InetAddress.getByAddress(IpAddresses.bytes(address))));
            return name == null ? Result.NO_NAME : new Result(name, false);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes", e);
        }
    }

    /** The name in the PTR record, if the name resolves to the same address; otherwise null. */
    private static @Nullable String confirmedName(InetAddress address) {
        String name = address.getCanonicalHostName();
        return name.equals(address.getHostAddress()) ? null : name;
    }

    private static ByteBuffer copied(ByteBuffer address) {
        return ByteBuffer.wrap(IpAddresses.bytes(address)).asReadOnlyBuffer();
    }

    /** Cancels pending look-ups. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
