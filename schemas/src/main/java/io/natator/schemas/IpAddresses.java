package io.natator.schemas;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** IP addresses in the form of the schemas: 4 or 16 bytes in network order. */
public final class IpAddresses {
    private static final int V4 = 4;
    private static final int V6 = 16;
    private static final int GROUPS = 8;

    private IpAddresses() {}

    /** Copies the remaining bytes of a buffer, without changing its position. */
    public static byte[] bytes(ByteBuffer address) {
        byte[] bytes = new byte[address.remaining()];
        address.get(address.position(), bytes);
        return bytes;
    }

    /**
     * Replaces an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) by the IPv4 address.
     *
     * @return the argument itself if it is no IPv4-mapped address
     * @throws IllegalArgumentException if the address has neither 4 nor 16 bytes
     */
    public static byte[] unmapped(byte[] address) {
        if (address.length != V4 && address.length != V6) {
            throw new IllegalArgumentException("an IP address has 4 or 16 bytes, not " + address.length);
        }
        return isMapped(address) ? Arrays.copyOfRange(address, V6 - V4, V6) : address;
    }

    /**
     * Formats an address: IPv4 in dotted decimal; IPv6 by RFC 5952, in lower case with the longest run of zero groups
     * shortened.
     *
     * @throws IllegalArgumentException if the address has neither 4 nor 16 bytes
     */
    public static String format(byte[] address) {
        byte[] bytes = unmapped(address);
        return bytes.length == V4 ? formatV4(bytes) : formatV6(bytes);
    }

    private static boolean isMapped(byte[] address) {
        if (address.length != V6 || address[10] != -1 || address[11] != -1) {
            return false;
        }
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static String formatV4(byte[] bytes) {
        return (bytes[0] & 0xff) + "." + (bytes[1] & 0xff) + "." + (bytes[2] & 0xff) + "." + (bytes[3] & 0xff);
    }

    private static String formatV6(byte[] bytes) {
        int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        int runStart = -1;
        int runLength = 1; // RFC 5952, 4.2.2: a single zero group is not shortened
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - i > runLength) {
                runStart = i;
                runLength = end - i;
            }
            i = Math.max(i, end - 1);
        }
        var text = new StringBuilder(39);
        for (int i = 0; i < GROUPS; i++) {
            if (i == runStart) {
                text.append("::");
                i += runLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
