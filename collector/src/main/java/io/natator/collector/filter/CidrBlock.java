package io.natator.collector.filter;

import io.natator.bpf.ConnectionFilter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** A range of IP addresses, RFC 4632 and RFC 4291, 2.3. */
public final class CidrBlock {
    private final byte[] network;
    private final int prefixLength;

    private CidrBlock(byte[] network, int prefixLength) {
        this.network = network;
        this.prefixLength = prefixLength;
    }

    /**
     * Parses {@code 10.0.0.0/8} or {@code fd00::/8}; an address without a prefix is a range of one. Bits behind the prefix are ignored.
     *
     * @throws IllegalArgumentException with a reason for the operator
     */
    public static CidrBlock parse(String text) {
        int slash = text.indexOf('/');
        try {
            byte[] network = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash))
                    .getAddress();
            int bits = 8 * network.length;
            int prefixLength = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
            if (prefixLength >= 0 && prefixLength <= bits) {
                return new CidrBlock(network, prefixLength);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(reason(text), e);
        }
        throw new IllegalArgumentException(reason(text));
    }

    private static String reason(String text) {
        return "'" + text + "' is not a range of addresses: write it as 10.0.0.0/8 or fd00::/8";
    }

    /** The range in the form of the kernel side. */
    public ConnectionFilter.AddressBlock kernelBlock() {
        return new ConnectionFilter.AddressBlock(address(), prefixLength);
    }

    /** Whether the range contains the address; never an address of the other family. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != network.length) {
            return false;
        }
        int whole = prefixLength / 8;
        int rest = prefixLength % 8;
        int mask = 0xff00 >> rest;
        return Arrays.equals(bytes, 0, whole, network, 0, whole)
                && (rest == 0 || ((bytes[whole] ^ network[whole]) & mask & 0xff) == 0);
    }

    @Override
    public String toString() {
        return address().getHostAddress() + "/" + prefixLength;
    }

    private InetAddress address() {
        try {
            return InetAddress.getByAddress(network);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes by construction", e);
        }
    }
}
