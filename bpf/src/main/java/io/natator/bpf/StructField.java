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

/** A member of a struct: its offset in bytes, and how to read it. */
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

    /** An IPv6 address; an IPv4 address if one is mapped into it. */
    InetAddress address(MemorySegment struct) {
        try {
            return InetAddress.getByAddress(
                    struct.asSlice(offset, ADDRESS_BYTES).toArray(JAVA_BYTE));
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A string that ends at its first zero byte. */
    String text(MemorySegment struct, int bytes) {
        int length = 0;
        while (length < bytes && struct.get(JAVA_BYTE, offset + length) != 0) {
            length++;
        }
        return new String(struct.asSlice(offset, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }
}
