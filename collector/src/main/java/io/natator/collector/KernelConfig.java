package io.natator.collector;

import io.natator.collector.filter.SocketFilter;
import io.natator.http.command.Problems;
import java.util.List;

/**
 * What the kernel side tracks.
 *
 * @param paths where the host's file systems are mounted
 * @param filter which connections are reported
 * @param capacity how much the kernel side can store
 * @param udp whether and how UDP is counted
 */
public record KernelConfig(HostPaths paths, SocketFilter filter, KernelCapacity capacity, UdpConfig udp) {
    /** Returns one line for each invalid value, with the option's name. */
    List<String> problems() {
        var problems = new Problems();
        problems.addAll(capacity.problems());
        problems.addAll(udp.problems());
        problems.addAll(filter.problems());
        return problems.list();
    }
}
