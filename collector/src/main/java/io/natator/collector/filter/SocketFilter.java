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
 * Decides which sockets stay off the topic. Either end decides: an excluded address or port excludes the connection.
 *
 * @param loopback whether connections over 127.0.0.0/8 and ::1 are let through
 * @param excludedBlocks address ranges kept out
 * @param excludedPorts ports kept out
 * @param kernelOnly what the kernel side alone decides by, besides: what is let in, cgroups, network namespaces
 */
public record SocketFilter(
        boolean loopback, List<CidrBlock> excludedBlocks, Set<Integer> excludedPorts, ConnectionFilter kernelOnly) {
    /** Leaves nothing to the kernel side alone. */
    public SocketFilter(boolean loopback, List<CidrBlock> excludedBlocks, Set<Integer> excludedPorts) {
        this(loopback, excludedBlocks, excludedPorts, ConnectionFilter.everything());
    }

    /** Copies what it is given. */
    public SocketFilter {
        excludedBlocks = List.copyOf(excludedBlocks);
        excludedPorts = Set.copyOf(excludedPorts);
    }

    /** Why a socket is kept out. */
    public enum Reason {
        /** One end has a loopback address. */
        LOOPBACK,
        /** One end is in an excluded range. */
        ADDRESS,
        /** One end has an excluded port. */
        PORT
    }

    /** Why the socket is kept out; empty where it is let through. */
    public Optional<Reason> exclusion(SocketRecord socket) {
        if (!loopback
                && (socket.localAddress().isLoopbackAddress()
                        || socket.remoteAddress().isLoopbackAddress())) {
            return Optional.of(Reason.LOOPBACK);
        }
        for (CidrBlock block : excludedBlocks) {
            if (block.contains(socket.localAddress()) || block.contains(socket.remoteAddress())) {
                return Optional.of(Reason.ADDRESS);
            }
        }
        return excludedPorts.contains(socket.localPort()) || excludedPorts.contains(socket.remotePort())
                ? Optional.of(Reason.PORT)
                : Optional.empty();
    }

    /**
     * The same for the kernel side, which then spends nothing on what is kept out: it leaves connections out when they
     * begin. What it was told of before is still kept out here, and so is an excluded port at the client's end.
     */
    public ConnectionFilter kernelFilter() {
        return kernelOnly
                .withLoopback(loopback)
                .withNetworks(new Selection<>(kernelOnly.networks().only(), kernelBlocks()))
                .withServerPorts(new Selection<>(kernelOnly.serverPorts().only(), excludedPorts));
    }

    /** What is wrong with the whole, one line each: something that is both let in and kept out. */
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
