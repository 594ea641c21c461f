package io.natator.topology.identity;

import io.natator.schemas.IpAddresses;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A range of addresses (RFC 4632, RFC 4291): those whose first bits equal those of the network.
 *
 * @param network 4 or 16 bytes in network order
 * @param prefixLength 0 to 32 or 128
 */
public record Cidr(ByteBuffer network, int prefixLength) {
    /**
     * Reads {@code address/length}.
     *
     * @throws IllegalArgumentException if the text is no address range; the message says what is wrong
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("'" + text + "' is no address range: write it as 203.0.113.0/24");
        }
        byte[] address;
        int length;
        try {
            address = InetAddress.ofLiteral(text.substring(0, slash)).getAddress();
            length = Integer.parseInt(text.substring(slash + 1));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is no address range: write it as 203.0.113.0/24", e);
        }
        if (length < 0 || length > address.length * 8) {
            throw new IllegalArgumentException("'" + text + "' is no address range: its prefix has to be 0 to "
                    + address.length * 8 + " bits long");
        }
        return new Cidr(ByteBuffer.wrap(address), length);
    }

    /**
     * The range of this prefix length that contains an address.
     *
     * @param address 4 or 16 bytes in network order
     * @param prefixLength 0 to 32 or 128
     */
    public static Cidr around(ByteBuffer address, int prefixLength) {
        byte[] network = AddressBytes.of(address);
        int wholeBytes = prefixLength / 8;
        if (wholeBytes < network.length) {
            network[wholeBytes] &= (byte) (0xff00 >> prefixLength % 8);
            Arrays.fill(network, wholeBytes + 1, network.length, (byte) 0);
        }
        return new Cidr(ByteBuffer.wrap(network).asReadOnlyBuffer(), prefixLength);
    }

    /** {@code address/length}. */
    public String text() {
        return IpAddresses.format(AddressBytes.of(network)) + "/" + prefixLength;
    }

    /** Whether the range contains the address; a range of IPv4 addresses contains no IPv6 address, and vice versa. */
    public boolean contains(ByteBuffer address) {
        if (address.remaining() != network.remaining()) {
            return false;
        }
        int wholeBytes = prefixLength / 8;
        for (int i = 0; i < wholeBytes; i++) {
            if (address.get(address.position() + i) != network.get(network.position() + i)) {
                return false;
            }
        }
        int bits = prefixLength % 8;
        if (bits == 0) {
            return true;
        }
        int difference = address.get(address.position() + wholeBytes) ^ network.get(network.position() + wholeBytes);
        return (difference & 0xff & (0xff << (8 - bits))) == 0;
    }
}
