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
 * Names addresses by their PTR records (RFC 1035, RFC 3596), where the name leads back to the address: others could claim
 * any name. Whoever asks is answered from a bounded cache at once; the look-ups run in threads of their own. What takes
 * longer than the limit has no name until it comes, nor has what finds too many waiting. Thread-safe.
 */
public final class ReverseDns implements PeerNames, AutoCloseable {
    private static final int CACHED = 10_000;
    private static final int WAITING = 1_000;
    private static final int THREADS = 4;
    private static final Duration NAME_LASTS = Duration.ofHours(1);
    private static final Duration NO_NAME_LASTS = Duration.ofMinutes(10);
    private static final Duration LIMIT = Duration.ofSeconds(3);

    private final Function<InetAddress, @Nullable String> resolver;
    private final LongSupplier nanoTime;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("natator-reverse-dns-", 0).factory());
    private final Map<ByteBuffer, Cached> cache = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Cached> eldest) {
            return size() > CACHED;
        }
    };

    private record Cached(Answer answer, long expiresAt) {}

    /** Asks as this machine is configured to ask. */
    public ReverseDns() {
        this(ReverseDns::confirmedName, System::nanoTime);
    }

    /**
     * Asks a resolver.
     *
     * @param resolver the name of an address or null; may block
     * @param nanoTime as {@link System#nanoTime}
     */
    ReverseDns(Function<InetAddress, @Nullable String> resolver, LongSupplier nanoTime) {
        this.resolver = resolver;
        this.nanoTime = nanoTime;
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public Answer find(ByteBuffer address) {
        ByteBuffer key = copied(address);
        synchronized (cache) {
            long now = nanoTime.getAsLong();
            Cached known = cache.get(key);
            if (known != null && known.answer().pending()) {
                return known.expiresAt() - now > 0 ? known.answer() : Answer.NO_NAME; // it may still come
            }
            if (known != null && known.expiresAt() - now > 0) {
                return known.answer();
            }
            try {
                threads.execute(() -> keep(key, lookUp(key)));
            } catch (RejectedExecutionException tooMany) {
                return Answer.NO_NAME;
            }
            cache.put(key, new Cached(Answer.PENDING, now + LIMIT.toNanos()));
            return Answer.PENDING;
        }
    }

    private void keep(ByteBuffer address, Answer answer) {
        Duration lasts = answer.name() == null ? NO_NAME_LASTS : NAME_LASTS;
        synchronized (cache) {
            cache.put(address, new Cached(answer, nanoTime.getAsLong() + lasts.toNanos()));
        }
    }

    private Answer lookUp(ByteBuffer address) {
        try {
            String name = HostNames.normalized(resolver.apply(InetAddress.getByAddress(IpAddresses.bytes(address))));
            return name == null ? Answer.NO_NAME : new Answer(name, false);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes", e);
        }
    }

    /** The name that the address has and that leads back to it, or null. */
    private static @Nullable String confirmedName(InetAddress address) {
        String name = address.getCanonicalHostName();
        return name.equals(address.getHostAddress()) ? null : name;
    }

    private static ByteBuffer copied(ByteBuffer address) {
        return ByteBuffer.wrap(IpAddresses.bytes(address)).asReadOnlyBuffer();
    }

    /** Gives up what is being looked up. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
