package io.natator.topology.link;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;

/**
 * Keys of {@link LinkStores#WINDOWS}. A key is the window start followed by the encoded link key, so that the store
 * sorts windows by time.
 */
public final class WindowKeys {
    private static final Bytes FIRST_LINK = Bytes.wrap(new byte[0]);

    private WindowKeys() {}

    static Bytes of(long windowStart, Bytes link) {
        return Bytes.wrap(ByteBuffer.allocate(Long.BYTES + link.get().length)
                .putLong(windowStart)
                .put(link.get())
                .array());
    }

    /**
     * The smallest key of all windows that start at the given time or later. The time is in microseconds since the
     * epoch.
     */
    public static Bytes from(long windowStart) {
        return of(windowStart, FIRST_LINK);
    }

    /** Extracts the encoded link key from a key of the store. */
    public static byte[] link(Bytes key) {
        return Arrays.copyOfRange(key.get(), Long.BYTES, key.get().length);
    }
}
