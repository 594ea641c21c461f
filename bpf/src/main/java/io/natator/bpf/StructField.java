package io.natator.bpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/** Reads a member of a C struct at its offset in bytes, in the machine's byte order. */
record StructField(long offset) {
    private static final int ADDRESS_BYTES = 16;

    static StructField of(StructLayout struct, String member) {
        return new StructField(struct.byteOffset(PathElement.groupElement(member)));
    }

    long longValue(MemorySegment struct) {
        return struct.get(JAVA_LONG, offset);
    }

    long unsignedInt(MemorySegment struct) {
        return Integer.toUnsignedLong(struct.get(JAVA_INT, offset));
    }

    int unsignedShort(MemorySegment struct) {
        return Short.toUnsignedInt(struct.get(JAVA_SHORT, offset));
    }

    int unsignedByte(MemorySegment struct) {
        return Byte.toUnsignedInt(struct.get(JAVA_BYTE, offset));
    }

    /** Reads 16 bytes as an IP address: IPv4 if they are an IPv4-mapped IPv6 address, otherwise IPv6. */
    InetAddress address(MemorySegment struct) {
        try {
            return InetAddress.getByAddress(
                    struct.asSlice(offset, ADDRESS_BYTES).toArray(JAVA_BYTE));
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Reads a string that ends at the first zero byte, or after the given number of bytes. */
    String text(MemorySegment struct, int bytes) {
        int length = 0;
        while (length < bytes && struct.get(JAVA_BYTE, offset + length) != 0) {
            length++;
        }
        return new String(struct.asSlice(offset, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }
}
