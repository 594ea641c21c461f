package io.natator.topology.identity;

import io.natator.schemas.CidrBlock;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

/**
 * Decides which addresses are internal: the private, link-local and loopback ranges, and the ranges of
 * {@code --internal-cidr}. It is possible that a host with an internal address runs a collector. So naming waits for
 * the report of such a host about its end.
 */
public final class InternalAddresses {
    private static final List<CidrBlock> LOOPBACK =
            Stream.of("127.0.0.0/8", "::1/128").map(CidrBlock::parse).toList();

    private static final List<CidrBlock> PRIVATE = Stream.of(
                    "10.0.0.0/8", // RFC 1918
                    "172.16.0.0/12",
                    "192.168.0.0/16",
                    "100.64.0.0/10", // RFC 6598, shared address space
                    "169.254.0.0/16", // RFC 3927, link-local
                    "fe80::/10", // RFC 4291, link-local
                    "fc00::/7") // RFC 4193, unique local
            .map(CidrBlock::parse)
            .toList();

    private final List<CidrBlock> declared;
    private final List<CidrBlock> ranges;

    /**
     * Creates an object that knows the private ranges of the RFCs, and also the given ranges.
     *
     * @param declared ranges of public addresses whose hosts run collectors ({@code --internal-cidr})
     */
    public InternalAddresses(List<CidrBlock> declared) {
        this.declared = List.copyOf(declared);
        ranges = Stream.of(LOOPBACK, PRIVATE, declared).flatMap(List::stream).toList();
    }

    boolean contains(ByteBuffer address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }

    /**
     * Whether the address is in an internal range or in a range of pod addresses, or belongs or once belonged to an
     * object of a cluster.
     */
    boolean isInternal(RemoteAddress remote) {
        return remote.hasHistory() || remote.isInPodRange() || contains(remote.address());
    }

    /** Whether the address is in a range of {@code --internal-cidr}. */
    boolean isDeclared(ByteBuffer address) {
        return declared.stream().anyMatch(range -> range.contains(address));
    }

    static boolean isLoopback(ByteBuffer address) {
        return LOOPBACK.stream().anyMatch(range -> range.contains(address));
    }
}
