package io.natator.topology.identity;

import java.nio.ByteBuffer;

/** The bytes of an address, of which schemas hold a buffer. */
public final class AddressBytes {
    private AddressBytes() {}

    /** A copy of the bytes between the buffer's position and its limit; the buffer does not change. */
    public static byte[] of(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }
}
