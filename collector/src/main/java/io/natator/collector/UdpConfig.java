package io.natator.collector;

import io.natator.bpf.UdpHooks;
import io.natator.bpf.UdpTrackerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How UDP is counted.
 *
 * @param mode whether and how it is counted
 * @param idle a flow ends after a pause of this length, 1 s to 1 h
 * @param flows maximum number of flows at a time; each takes about 250 bytes while it lives
 * @param dnsNames whether names that were looked up over UDP are published
 */
public record UdpConfig(UdpMode mode, Duration idle, int flows, boolean dnsNames) {
    /** UDP is not counted. */
    public static final UdpConfig OFF = new UdpConfig(UdpMode.OFF, Duration.ofSeconds(30), 65_536, false);

    private static final Duration LEAST_IDLE = Duration.ofSeconds(1);
    private static final Duration MOST_IDLE = Duration.ofHours(1);
    private static final int MOST_FLOWS = 1 << 24;

    /** Everything that is wrong, one line each, with the option's name. */
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
