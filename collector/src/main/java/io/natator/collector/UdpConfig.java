package io.natator.collector;

import io.natator.bpf.UdpHooks;
import io.natator.bpf.UdpTrackerOptions;
import io.natator.http.command.Problems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whether and how UDP is counted.
 *
 * @param mode whether UDP is counted, and with which kernel hooks
 * @param idle length of the pause after which a flow ends, 1 s to 1 h
 * @param flows maximum number of flows that are tracked at a time; each takes about 250 bytes of kernel memory until it
 *     ends
 * @param dnsNames whether the names in DNS answers over UDP are published
 */
public record UdpConfig(UdpMode mode, Duration idle, int flows, boolean dnsNames) {
    /** The default of {@code flows}, which is the kernel side's default. */
    static final int DEFAULT_FLOWS =
            UdpTrackerOptions.defaults(UdpHooks.FUNCTIONS).capacity().flows();

    private static final Duration LEAST_IDLE = Duration.ofSeconds(1);
    private static final Duration MOST_IDLE = Duration.ofHours(1);
    private static final int MOST_FLOWS = 1 << 24;

    /** Returns one line for each invalid value, with the option's name. */
    List<String> problems() {
        var problems = new Problems();
        problems.within("--udp-idle", idle, LEAST_IDLE, MOST_IDLE);
        problems.within("--udp-flows", flows, 1, MOST_FLOWS);
        if (dnsNames && mode == UdpMode.OFF) {
            problems.add("--dns-names reads UDP, and --udp is off: give --udp auto or --udp cgroup-skb");
        }
        return problems.list();
    }

    UdpTrackerOptions trackerOptions(UdpHooks hooks, Optional<Path> cgroup2) {
        UdpTrackerOptions defaults = UdpTrackerOptions.defaults(hooks);
        return cgroup2.map(defaults::withCgroupRoot)
                .orElse(defaults)
                .withIdle(idle)
                .withFlowCapacity(flows)
                .withAnswers(dnsNames);
    }
}
