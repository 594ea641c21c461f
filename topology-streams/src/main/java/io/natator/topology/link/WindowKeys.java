package io.natator.topology.link;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;

/** Keys of {@link LinkStores#WINDOWS}: start and link, in the order of the windows. */
public final class WindowKeys {
    private static final Bytes FIRST_LINK = Bytes.wrap(new byte[0]);

    private WindowKeys() {}

    static Bytes of(long windowStart, Bytes link) {
        return Bytes.wrap(ByteBuffer.allocate(Long.BYTES + link.get().length)
                .putLong(windowStart)
                .put(link.get())
                .array());
    }

    /** Before all keys of the windows that start at or after a time, in microseconds since the epoch. */
    public static Bytes from(long windowStart) {
        return of(windowStart, FIRST_LINK);
    }

    /** The encoded key of the link. */
    public static byte[] link(Bytes key) {
        return Arrays.copyOfRange(key.get(), Long.BYTES, key.get().length);
    }
}
