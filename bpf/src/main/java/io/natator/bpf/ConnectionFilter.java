package io.natator.bpf;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/**
 * Which connections the kernel side tells of. Decided once, when a connection begins or is adopted; what is left out costs
 * nothing afterwards and is counted in {@link SocketSourceStatistics#leftOut}. A connection is told of if everything here
 * lets it in.
 *
 * @param loopback whether connections over 127.0.0.0/8 and ::1 are told of
 * @param networks by the address of either end, as the reporting end sees it, so that both ends of a connection are treated
 *     alike where no address is translated; of several that contain an address the smallest counts, and an end that is left
 *     out outweighs one that is let in
 * @param serverPorts by the server's port, 0 to 65535
 * @param cgroups by the id of the socket's cgroup v2 ({@link SocketRecord#cgroupId}) or of one above it, up to 15 levels; the
 *     nearest counts. A pod's cgroup stands for all its containers
 * @param networkNamespaces by the inode number of the socket's network namespace
 */
public record ConnectionFilter(
        boolean loopback,
        Selection<AddressBlock> networks,
        Selection<Integer> serverPorts,
        Selection<Long> cgroups,
        Selection<Long> networkNamespaces) {
    private static final int MAX_PORT = 65_535;

    /** @throws IllegalArgumentException where a port is out of range */
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

    /** Lets everything in. */
    public static ConnectionFilter everything() {
        return new ConnectionFilter(true, Selection.all(), Selection.all(), Selection.all(), Selection.all());
    }

    public ConnectionFilter withLoopback(boolean letIn) {
        return new ConnectionFilter(letIn, networks, serverPorts, cgroups, networkNamespaces);
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
     * Some of a kind of thing.
     *
     * @param only what is let in; if empty, everything
     * @param without what is left out
     */
    public record Selection<T>(Set<T> only, Set<T> without) {
        /**
         * Copies what it is given.
         *
         * @throws IllegalArgumentException where something is both let in and left out
         */
        public Selection {
            only = Set.copyOf(only);
            without = Set.copyOf(without);
            only.stream().filter(without::contains).findFirst().ifPresent(both -> {
                throw new IllegalArgumentException(both + " is both let in and left out: name it once");
            });
        }

        /** Lets everything in. */
        public static <T> Selection<T> all() {
            return new Selection<>(Set.of(), Set.of());
        }

        /** Lets these in and nothing else. */
        public static <T> Selection<T> only(Set<T> these) {
            return new Selection<>(these, Set.of());
        }

        /** Lets everything in but these. */
        public static <T> Selection<T> without(Set<T> these) {
            return new Selection<>(Set.of(), these);
        }
    }

    /**
     * A block of addresses in CIDR notation.
     *
     * @param address any in the block
     * @param prefixLength in bits: 0 to 32 of an IPv4 address, 0 to 128 of an IPv6 one
     */
    public record AddressBlock(InetAddress address, int prefixLength) {
        /** @throws IllegalArgumentException where the prefix is longer than the address */
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
