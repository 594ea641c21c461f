package io.natator.collector.filter;

import io.natator.bpf.ConnectionFilter;
import io.natator.bpf.ConnectionFilter.Selection;
import io.natator.bpf.SocketRecord;
import io.natator.schemas.CidrBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which connections are published. The kernel side decides when a connection begins ({@link #kernelFilter}). This filter decides
 * again for every record, for what the kernel side does not exclude: a port of the client, connections that began under
 * an earlier collector's filter, and records that another version left. An excluded address or port of either end excludes the
 * connection.
 *
 * @param loopback whether connections over 127.0.0.0/8 and ::1 are published
 * @param excludedBlocks excluded address ranges
 * @param excludedPorts excluded ports
 * @param kernelOnly the rules that only the kernel side applies: inclusions, cgroups, network namespaces
 */
public record SocketFilter(
        boolean loopback, List<CidrBlock> excludedBlocks, Set<Integer> excludedPorts, ConnectionFilter kernelOnly) {
    /** Without rules that only the kernel side applies. */
    public SocketFilter(boolean loopback, List<CidrBlock> excludedBlocks, Set<Integer> excludedPorts) {
        this(loopback, excludedBlocks, excludedPorts, ConnectionFilter.everything());
    }

    /** Copies the collections. */
    public SocketFilter {
        excludedBlocks = List.copyOf(excludedBlocks);
        excludedPorts = Set.copyOf(excludedPorts);
    }

    /** Why a record is excluded. */
    public enum Reason {
        /** One end has a loopback address. */
        LOOPBACK,
        /** One end is in an excluded range. */
        ADDRESS,
        /** One end has an excluded port. */
        PORT
    }

    /** Why the record is excluded; empty if it is not. */
    public Optional<Reason> exclusion(SocketRecord socket) {
        if (!loopback
                && (socket.connection().local().address().isLoopbackAddress()
                        || socket.connection().remote().address().isLoopbackAddress())) {
            return Optional.of(Reason.LOOPBACK);
        }
        for (CidrBlock block : excludedBlocks) {
            if (block.contains(socket.connection().local().address())
                    || block.contains(socket.connection().remote().address())) {
                return Optional.of(Reason.ADDRESS);
            }
        }
        return excludedPorts.contains(socket.connection().local().port())
                        || excludedPorts.contains(socket.connection().remote().port())
                ? Optional.of(Reason.PORT)
                : Optional.empty();
    }

    /**
     * The filter in the form of the kernel side. A connection that it excludes costs nothing after its beginning.
     */
    public ConnectionFilter kernelFilter() {
        return kernelOnly
                .withLoopback(loopback)
                .withNetworks(new Selection<>(kernelOnly.networks().only(), kernelBlocks()))
                .withServerPorts(new Selection<>(kernelOnly.serverPorts().only(), excludedPorts));
    }

    /** Everything that is wrong, one line each: what is both included and excluded. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        kernelOnly.networks().only().stream()
                .filter(kernelBlocks()::contains)
                .forEach(block -> problems.add("--include-cidr and --exclude-cidr name " + block + ": name it once"));
        kernelOnly.serverPorts().only().stream()
                .filter(excludedPorts::contains)
                .forEach(port -> problems.add("--include-port and --exclude-port name " + port + ": name it once"));
        return problems;
    }

    /** The same range for the kernel side. */
    public static ConnectionFilter.AddressBlock kernelBlock(CidrBlock block) {
        return new ConnectionFilter.AddressBlock(block.firstAddress(), block.prefixLength());
    }

    private Set<ConnectionFilter.AddressBlock> kernelBlocks() {
        return excludedBlocks.stream().map(SocketFilter::kernelBlock).collect(Collectors.toSet());
    }
}
