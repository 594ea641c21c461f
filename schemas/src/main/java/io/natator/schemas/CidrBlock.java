package io.natator.schemas;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * A range of IP addresses in CIDR notation (RFC 4632; RFC 4291, 2.3). It contains the addresses whose first
 * {@code prefixLength} bits equal those of the network.
 *
 * @param network 4 or 16 bytes in network order; the bits after the prefix are 0
 * @param prefixLength in bits: 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record CidrBlock(ByteBuffer network, int prefixLength) {
    private static final Comparator<CidrBlock> BY_ADDRESS = Comparator.comparingInt(
                    (CidrBlock range) -> range.network.remaining())
            .thenComparing(CidrBlock::network, CidrBlock::compareUnsigned)
            .thenComparingInt(CidrBlock::prefixLength);

    /**
     * Parses a range such as {@code 10.0.0.0/8} or {@code fd00::/8}. An address without a length is a range of one
     * address. Bits after the prefix are ignored.
     *
     * @throws IllegalArgumentException if the text is no range; the message is for a person
     */
    public static CidrBlock parse(String text) {
        int slash = text.indexOf('/');
        try {
            byte[] address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash))
                    .getAddress();
            int bits = Byte.SIZE * address.length;
            int prefixLength = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
            if (prefixLength >= 0 && prefixLength <= bits) {
                return around(address, prefixLength);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(reason(text), e);
        }
        throw new IllegalArgumentException(reason(text));
    }

    private static String reason(String text) {
        return "'" + text + "' is not a range of addresses: write it as 10.0.0.0/8 or fd00::/8";
    }

    /**
     * The range of this prefix length that contains an address.
     *
     * @param address 4 or 16 bytes in network order
     * @param prefixLength 0 to 32 for IPv4, 0 to 128 for IPv6
     */
    public static CidrBlock around(byte[] address, int prefixLength) {
        byte[] network = new byte[address.length];
        int wholeBytes = prefixLength / Byte.SIZE;
        System.arraycopy(address, 0, network, 0, wholeBytes);
        if (wholeBytes < address.length) {
            network[wholeBytes] = (byte) (address[wholeBytes] & 0xff00 >> prefixLength % Byte.SIZE);
        }
        return new CidrBlock(ByteBuffer.wrap(network).asReadOnlyBuffer(), prefixLength);
    }

    /**
     * The range of this prefix length that contains an address.
     *
     * @param address 4 or 16 bytes in network order
     * @param prefixLength 0 to 32 for IPv4, 0 to 128 for IPv6
     */
    public static CidrBlock around(ByteBuffer address, int prefixLength) {
        return around(IpAddresses.bytes(address), prefixLength);
    }

    /**
     * Whether the address is in the range. An IPv4 address is never in an IPv6 range, nor the reverse.
     *
     * @param address 4 or 16 bytes in network order
     */
    public boolean contains(ByteBuffer address) {
        if (address.remaining() != network.remaining()) {
            return false;
        }
        int wholeBytes = prefixLength / Byte.SIZE;
        for (int i = 0; i < wholeBytes; i++) {
            if (address.get(address.position() + i) != network.get(network.position() + i)) {
                return false;
            }
        }
        int bits = prefixLength % Byte.SIZE;
        if (bits == 0) {
            return true;
        }
        int difference = address.get(address.position() + wholeBytes) ^ network.get(network.position() + wholeBytes);
        return (difference & 0xff00 >> bits & 0xff) == 0;
    }

    /**
     * Combines ranges without changing which addresses are in them: ranges within others are dropped, and the two halves
     * of a range become that range.
     *
     * @return the ranges, sorted by address, IPv4 first
     */
    public static List<CidrBlock> combined(Collection<CidrBlock> ranges) {
        List<CidrBlock> sorted = ranges.stream().sorted(BY_ADDRESS).toList();
        List<CidrBlock> combined = new ArrayList<>();
        for (CidrBlock range : sorted) {
            if (!combined.isEmpty() && combined.getLast().contains(range.network())) {
                continue;
            }
            CidrBlock next = range;
            while (!combined.isEmpty() && combined.getLast().isOtherHalfOf(next)) {
                combined.removeLast();
                next = around(next.network(), next.prefixLength() - 1);
            }
            combined.add(next);
        }
        return List.copyOf(combined);
    }

    private boolean isOtherHalfOf(CidrBlock other) {
        return prefixLength == other.prefixLength
                && prefixLength > 0
                && network.remaining() == other.network.remaining()
                && !network.equals(other.network)
                && around(network, prefixLength - 1).equals(around(other.network, prefixLength - 1));
    }

    private static int compareUnsigned(ByteBuffer one, ByteBuffer other) {
        return Arrays.compareUnsigned(IpAddresses.bytes(one), IpAddresses.bytes(other));
    }

    /** Whether the address is in the range. An IPv4 address is never in an IPv6 range, nor the reverse. */
    public boolean contains(InetAddress address) {
        return contains(ByteBuffer.wrap(address.getAddress()));
    }

    /** Returns the first address of the range. */
    public InetAddress firstAddress() {
        try {
            return InetAddress.getByAddress(IpAddresses.bytes(network));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("not 4 or 16 bytes", e);
        }
    }

    /** Formats the range as {@code address/length}. */
    @Override
    public String toString() {
        return IpAddresses.format(IpAddresses.bytes(network)) + "/" + prefixLength;
    }
}
