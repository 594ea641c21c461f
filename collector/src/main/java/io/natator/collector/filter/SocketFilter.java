package io.natator.collector.filter;

import io.natator.bpf.ConnectionFilter;
import io.natator.bpf.ConnectionFilter.AddressBlock;
import io.natator.bpf.ConnectionFilter.Selection;
import io.natator.bpf.SocketRecord;
import io.natator.schemas.CidrBlock;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Selects the connections that are published. The kernel side applies its filter ({@link #kernelFilter}) when a
 * connection begins. {@link #exclusion} checks every record again, because the kernel side does not exclude everything:
 * it does not check the client's port, and its records can come from connections that began under the filter of an
 * earlier collector. An excluded address or port of either end excludes the connection. If several ranges contain an
 * address, the smallest one applies.
 *
 * @param loopback whether connections over 127.0.0.0/8 and ::1 are published
 * @param includedBlocks included address ranges; if empty, all addresses are included
 * @param excludedBlocks excluded address ranges
 * @param excludedPorts excluded ports, of either end
 * @param kernelOnly the rules that only the kernel side applies: included ports, cgroups, network namespaces
 */
public record SocketFilter(
        boolean loopback,
        List<CidrBlock> includedBlocks,
        List<CidrBlock> excludedBlocks,
        Set<Integer> excludedPorts,
        ConnectionFilter kernelOnly) {
    /** Creates a filter without included ranges and without rules that only the kernel side applies. */
    public SocketFilter(boolean loopback, List<CidrBlock> excludedBlocks, Set<Integer> excludedPorts) {
        this(loopback, List.of(), excludedBlocks, excludedPorts, ConnectionFilter.everything());
    }

    /** Creates a filter with copies of the collections. */
    public SocketFilter {
        includedBlocks = List.copyOf(includedBlocks);
        excludedBlocks = List.copyOf(excludedBlocks);
        excludedPorts = Set.copyOf(excludedPorts);
    }

    /** IP protocol number of TCP (RFC 9293). */
    private static final int TCP = 6;

    /** The reason why a record is excluded. */
    public enum Reason {
        /** Both addresses are loopback addresses; for UDP, one of them is. */
        LOOPBACK,
        /** One end is in an excluded range. */
        ADDRESS,
        /** One end has an excluded port. */
        PORT
    }

    /** Returns why the record is excluded; empty if the filter includes it. */
    public Optional<Reason> exclusion(SocketRecord socket) {
        if (!loopback && isOverLoopback(socket)) {
            return Optional.of(Reason.LOOPBACK);
        }
        if (excludes(socket.connection().local().address())
                || excludes(socket.connection().remote().address())) {
            return Optional.of(Reason.ADDRESS);
        }
        return excludedPorts.contains(socket.connection().local().port())
                        || excludedPorts.contains(socket.connection().remote().port())
                ? Optional.of(Reason.PORT)
                : Optional.empty();
    }

    /**
     * Whether a connection is within a host or a pod. A TCP connection with only one loopback address was redirected, for
     * example by the sidecar of a service mesh. It is reported, so that topology-streams sees both ends of it.
     */
    private static boolean isOverLoopback(SocketRecord socket) {
        boolean local = socket.connection().local().address().isLoopbackAddress();
        boolean remote = socket.connection().remote().address().isLoopbackAddress();
        return socket.connection().protocol() == TCP ? local && remote : local || remote;
    }

    private boolean excludes(InetAddress address) {
        if (excludedBlocks.isEmpty()) {
            return false;
        }
        int excluded = longestPrefix(excludedBlocks, address);
        return excluded >= 0 && excluded > longestPrefix(includedBlocks, address);
    }

    /** Returns the prefix length of the smallest range that contains the address; -1 if no range contains it. */
    private static int longestPrefix(List<CidrBlock> blocks, InetAddress address) {
        return blocks.stream()
                .filter(block -> block.contains(address))
                .mapToInt(CidrBlock::prefixLength)
                .max()
                .orElse(-1);
    }

    /**
     * Returns the part of the filter that the kernel side applies. A connection that this part excludes costs nothing
     * after its beginning.
     */
    public ConnectionFilter kernelFilter() {
        return kernelOnly
                .withLoopback(loopback)
                .withNetworks(new Selection<>(kernelBlocks(includedBlocks), kernelBlocks(excludedBlocks)))
                .withServerPorts(new Selection<>(kernelOnly.serverPorts().only(), excludedPorts));
    }

    /** Returns one line for each address range and each port that is both included and excluded. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        includedBlocks.stream()
                .distinct()
                .filter(excludedBlocks::contains)
                .forEach(block -> problems.add("--include-cidr and --exclude-cidr name " + block + ": name it once"));
        kernelOnly.serverPorts().only().stream()
                .filter(excludedPorts::contains)
                .forEach(port -> problems.add("--include-port and --exclude-port name " + port + ": name it once"));
        return problems;
    }

    private static Set<AddressBlock> kernelBlocks(List<CidrBlock> blocks) {
        return blocks.stream()
                .map(block -> new AddressBlock(block.firstAddress(), block.prefixLength()))
                .collect(Collectors.toSet());
    }
}
