package io.natator.bpf;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/**
 * Selects the connections that the kernel side reports. The filter is applied when a connection begins or, if it was
 * open before the programs were attached, when they find it. A connection is reported if no part of the filter excludes
 * it. An excluded connection costs nothing while data moves, and is counted in {@link KernelStatistic#EXCLUDED}.
 *
 * @param loopback whether connections over 127.0.0.0/8 and ::1 are reported
 * @param networks selects by the addresses of both ends, as the reporting socket sees them. If several blocks contain
 *     an address, the smallest one applies. A connection with an excluded end is excluded, even if the other end is
 *     included
 * @param serverPorts selects by the server's port, 0 to 65535
 * @param cgroups selects by the id of the socket's cgroup v2 ({@link SocketRecord.Owner#cgroupId}) or of a cgroup at
 *     most 15 levels above it; the nearest cgroup that is listed applies. So a pod's cgroup covers all its containers
 * @param networkNamespaces selects by the inode number of the socket's network namespace
 */
public record ConnectionFilter(
        boolean loopback,
        Selection<AddressBlock> networks,
        Selection<Integer> serverPorts,
        Selection<Long> cgroups,
        Selection<Long> networkNamespaces) {
    private static final int MAX_PORT = 65_535;

    /** @throws IllegalArgumentException if a port is out of range */
    public ConnectionFilter {
        for (Set<Integer> ports : List.of(serverPorts.only(), serverPorts.without())) {
            ports.stream()
                    .filter(port -> port < 0 || port > MAX_PORT)
                    .findFirst()
                    .ifPresent(port -> {
                        throw new IllegalArgumentException("port " + port + ": not between 0 and " + MAX_PORT);
                    });
        }
    }

    /** A filter that excludes nothing. */
    public static ConnectionFilter everything() {
        return new ConnectionFilter(true, Selection.all(), Selection.all(), Selection.all(), Selection.all());
    }

    public ConnectionFilter withLoopback(boolean reported) {
        return new ConnectionFilter(reported, networks, serverPorts, cgroups, networkNamespaces);
    }

    public ConnectionFilter withNetworks(Selection<AddressBlock> selection) {
        return new ConnectionFilter(loopback, selection, serverPorts, cgroups, networkNamespaces);
    }

    public ConnectionFilter withServerPorts(Selection<Integer> selection) {
        return new ConnectionFilter(loopback, networks, selection, cgroups, networkNamespaces);
    }

    public ConnectionFilter withCgroups(Selection<Long> selection) {
        return new ConnectionFilter(loopback, networks, serverPorts, selection, networkNamespaces);
    }

    public ConnectionFilter withNetworkNamespaces(Selection<Long> selection) {
        return new ConnectionFilter(loopback, networks, serverPorts, cgroups, selection);
    }

    /**
     * Selects among the values of one kind, such as ports.
     *
     * @param only the included values; if empty, all values are included
     * @param without the excluded values
     */
    public record Selection<T>(Set<T> only, Set<T> without) {
        /**
         * Creates a selection with copies of the sets.
         *
         * @throws IllegalArgumentException if a value is both included and excluded
         */
        public Selection {
            only = Set.copyOf(only);
            without = Set.copyOf(without);
            only.stream().filter(without::contains).findFirst().ifPresent(both -> {
                throw new IllegalArgumentException(both + " is both included and excluded: name it once");
            });
        }

        /** Returns a selection that includes all values. */
        public static <T> Selection<T> all() {
            return new Selection<>(Set.of(), Set.of());
        }

        /** Returns a selection that includes only these values. */
        public static <T> Selection<T> only(Set<T> these) {
            return new Selection<>(these, Set.of());
        }

        /** Returns a selection that includes all values except these. */
        public static <T> Selection<T> without(Set<T> these) {
            return new Selection<>(Set.of(), these);
        }
    }

    /**
     * A block of addresses in CIDR notation.
     *
     * @param address any address of the block
     * @param prefixLength number of bits that all addresses of the block share: 0 to 32 (IPv4) or 0 to 128 (IPv6)
     */
    public record AddressBlock(InetAddress address, int prefixLength) {
        /** @throws IllegalArgumentException if {@code prefixLength} exceeds the length of the address in bits */
        public AddressBlock {
            int bits = Byte.SIZE * address.getAddress().length;
            if (prefixLength < 0 || prefixLength > bits) {
                throw new IllegalArgumentException(
                        address.getHostAddress() + "/" + prefixLength + ": the prefix is not between 0 and " + bits);
            }
        }

        @Override
        public String toString() {
            return address.getHostAddress() + "/" + prefixLength;
        }
    }
}
