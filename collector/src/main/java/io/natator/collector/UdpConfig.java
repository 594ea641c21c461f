package io.natator.collector;

import io.natator.bpf.UdpHooks;
import io.natator.bpf.UdpTrackerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What the collector is told about UDP.
 *
 * @param mode whether and how it is counted
 * @param idle after which pause a flow ends, 1 s to 1 h
 * @param flows how many flows are told apart at a time; each takes about 250 bytes while it lives
 * @param dnsNames whether names that were asked for over UDP are told of
 */
public record UdpConfig(UdpMode mode, Duration idle, int flows, boolean dnsNames) {
    /** Not counted. */
    public static final UdpConfig OFF = new UdpConfig(UdpMode.OFF, Duration.ofSeconds(30), 65_536, false);

    private static final Duration LEAST_IDLE = Duration.ofSeconds(1);
    private static final Duration MOST_IDLE = Duration.ofHours(1);
    private static final int MOST_FLOWS = 1 << 24;

    /** All that is wrong, one line each, with the option's name. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        if (idle.compareTo(LEAST_IDLE) < 0 || idle.compareTo(MOST_IDLE) > 0) {
            problems.add("--udp-idle " + Durations.format(idle) + " is out of range: " + Durations.format(LEAST_IDLE)
                    + " to " + Durations.format(MOST_IDLE));
        }
        if (flows < 1 || flows > MOST_FLOWS) {
            problems.add("--udp-flows " + flows + " is out of range: 1 to " + MOST_FLOWS);
        }
        if (dnsNames && mode == UdpMode.OFF) {
            problems.add("--dns-names reads UDP, and --udp is off: give --udp auto or --udp cgroup-skb");
        }
        return problems;
    }

    UdpTrackerOptions trackerOptions(UdpHooks hooks, Path cgroupRoot) {
        return UdpTrackerOptions.defaults(hooks)
                .withCgroupRoot(cgroupRoot)
                .withIdle(idle)
                .withFlowCapacity(flows)
                .withAnswers(dnsNames);
    }
}
