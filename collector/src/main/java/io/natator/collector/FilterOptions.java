package io.natator.collector;

import io.natator.bpf.ConnectionFilter;
import io.natator.bpf.ConnectionFilter.Selection;
import io.natator.collector.filter.SocketFilter;
import io.natator.schemas.CidrBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The options that select which connections are reported. */
final class FilterOptions {
    /** The problem that options have that need cgroup2 on a host without it. */
    static final String NO_CGROUP2 =
            "no cgroup2 is mounted here: mount the host's cgroup2, and give its mount point" + " with --cgroup-root";

    private static final int MAX_PORT = 65_535;

    @Option(
            names = "--loopback",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Reports connections over 127.0.0.0/8 and ::1 too (default: ${DEFAULT-VALUE}).")
    private boolean loopback;

    @Option(
            names = "--exclude-cidr",
            paramLabel = "CIDR",
            split = ",",
            description = "Excludes connections if one of their ends has an address in this range.")
    private List<String> excludedCidrs = List.of();

    @Option(
            names = "--exclude-port",
            paramLabel = "PORT",
            split = ",",
            description = "Excludes connections if one of their ends has this port.")
    private List<String> excludedPorts = List.of();

    @Option(
            names = "--include-cidr",
            paramLabel = "CIDR",
            split = ",",
            description = "Includes only connections that have an end in this range. If several ranges contain an"
                    + " address, the smallest one applies.")
    private List<String> includedCidrs = List.of();

    @Option(
            names = "--include-port",
            paramLabel = "PORT",
            split = ",",
            description = "Includes only connections whose server has this port.")
    private List<String> includedPorts = List.of();

    @Option(
            names = "--include-cgroup",
            paramLabel = "CGROUP",
            split = ",",
            description = "Includes only sockets of this cgroup, such as kubepods.slice, and of the cgroups below"
                    + " it. If several given cgroups contain a socket, the nearest one applies.")
    private List<String> includedCgroups = List.of();

    @Option(
            names = "--exclude-cgroup",
            paramLabel = "CGROUP",
            split = ",",
            description = "Excludes sockets of this cgroup and of the cgroups below it.")
    private List<String> excludedCgroups = List.of();

    @Option(
            names = "--include-network-namespace",
            paramLabel = "INODE|FILE",
            split = ",",
            description = "Includes only sockets of this network namespace, such as /proc/1/ns/net.")
    private List<String> includedNamespaces = List.of();

    @Option(
            names = "--exclude-network-namespace",
            paramLabel = "INODE|FILE",
            split = ",",
            description = "Excludes sockets of this network namespace.")
    private List<String> excludedNamespaces = List.of();

    /**
     * Returns the filter that the options describe.
     *
     * @param cgroup2 mount point of cgroup2; empty if there is none
     * @param problems receives one line for each value that cannot be read
     */
    SocketFilter filter(Optional<Path> cgroup2, List<String> problems) {
        Function<String, Long> cgroup = path -> cgroupId(cgroup2, path);
        ConnectionFilter kernelOnly = ConnectionFilter.everything()
                .withServerPorts(
                        Selection.<Integer>only(read("--include-port", includedPorts, problems, FilterOptions::port)))
                .withCgroups(selection(
                        "cgroup",
                        read("--include-cgroup", includedCgroups, problems, cgroup),
                        read("--exclude-cgroup", excludedCgroups, problems, cgroup),
                        problems))
                .withNetworkNamespaces(selection(
                        "network-namespace",
                        read("--include-network-namespace", includedNamespaces, problems, FilterOptions::namespace),
                        read("--exclude-network-namespace", excludedNamespaces, problems, FilterOptions::namespace),
                        problems));
        return new SocketFilter(
                loopback,
                List.copyOf(read("--include-cidr", includedCidrs, problems, CidrBlock::parse)),
                List.copyOf(read("--exclude-cidr", excludedCidrs, problems, CidrBlock::parse)),
                read("--exclude-port", excludedPorts, problems, FilterOptions::port),
                kernelOnly);
    }

    private static <T> Set<T> read(
            String option, List<String> texts, List<String> problems, Function<String, T> reading) {
        Set<T> values = new LinkedHashSet<>();
        for (String text : texts) {
            if (text.isBlank()) {
                continue;
            }
            try {
                values.add(reading.apply(text.strip()));
            } catch (IllegalArgumentException refused) {
                problems.add(option + ": " + refused.getMessage());
            }
        }
        return values;
    }

    private static <T> Selection<T> selection(String what, Set<T> only, Set<T> without, List<String> problems) {
        try {
            return new Selection<>(only, without);
        } catch (IllegalArgumentException both) {
            problems.add("--include-" + what + " and --exclude-" + what + ": the same is named in both: name it once");
            return Selection.all();
        }
    }

    private static Integer port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= MAX_PORT) {
                return port;
            }
        } catch (NumberFormatException noNumber) {
            throw new IllegalArgumentException("'" + text + "' is no port: 0 to 65535", noNumber);
        }
        throw new IllegalArgumentException("'" + text + "' is no port: 0 to 65535");
    }

    /** Returns the id of a cgroup, which is the inode number of its directory (kernfs). */
    private static Long cgroupId(Optional<Path> cgroup2, String path) {
        Path root = cgroup2.orElseThrow(() -> new IllegalArgumentException(NO_CGROUP2));
        Path directory = root.resolve(path.replaceFirst("^/+", "")).normalize();
        if (!directory.startsWith(root.normalize()) || !Files.isDirectory(directory)) {
            throw new IllegalArgumentException(
                    "there is no cgroup " + directory + ": write its path below " + root + ", as kubepods.slice");
        }
        return inode(directory);
    }

    private static Long namespace(String text) {
        if (text.chars().allMatch(Character::isDigit)) {
            return Long.valueOf(text);
        }
        return inode(Path.of(text));
    }

    private static Long inode(Path file) {
        try {
            return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    file + " cannot be read: " + unreadable.getClass().getSimpleName() + ": name what exists here",
                    unreadable);
        }
    }
}
