package io.natator.bpf;

import io.natator.bpf.libbpf.KernelProbe;
import io.natator.bpf.libbpf.Support;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks whether kernel and process have everything that UDP tracking needs, beyond what {@link Prerequisites} checks.
 */
final class UdpPrerequisites {
    private static final Logger log = LoggerFactory.getLogger(UdpPrerequisites.class);
    private static final List<String> FUNCTIONS = List.of("udp_send_skb", "udp_v6_send_skb", "skb_consume_udp");

    private static final String RELEASE = System.getProperty("os.version");

    private UdpPrerequisites() {}

    /**
     * Checks all prerequisites of UDP tracking, including those of TCP tracking.
     *
     * @param proc mount of a proc file system in which {@code self} is this process
     * @throws MissingPrerequisiteException if anything is missing; it names everything that is missing
     */
    static void check(UdpHooks hooks, Path proc) {
        Prerequisites.check(proc);
        List<String> problems = new ArrayList<>(Lockdown.probe().udpProblems(RELEASE));
        problems.addAll(
                switch (hooks) {
                    case FUNCTIONS -> functionProblems(probe(), RELEASE);
                    case CGROUP -> capabilityProblems(Prerequisites.effectiveCapabilities(proc));
                });
        if (!problems.isEmpty()) {
            throw new MissingPrerequisiteException(problems);
        }
    }

    /** Probes for each kernel function that UDP tracking traces whether programs can be attached to it. */
    static Map<String, Support> probe() {
        try (KernelProbe kernel = new KernelProbe()) {
            return FUNCTIONS.stream().collect(Collectors.toMap(name -> name, kernel::functionEntry));
        }
    }

    /**
     * Returns one line that names the functions that cannot be traced; empty if all can be traced. A function that
     * could not be probed does not count as untraceable: loading the programs shows whether it can be traced.
     */
    static List<String> functionProblems(Map<String, Support> functions, String release) {
        List<String> missing = new ArrayList<>();
        new TreeMap<>(functions).forEach((function, support) -> {
            log.atDebug()
                    .addKeyValue("function", function)
                    .addKeyValue("support", support)
                    .log("Probed a kernel function");
            if (support == Support.NO) {
                missing.add(function);
            }
        });
        return missing.isEmpty()
                ? List.of()
                : List.of("UDP not counted: Linux " + release + " does not allow programs on "
                        + String.join(", ", missing)
                        + " (fentry needs CONFIG_FUNCTION_TRACER=y, and functions that are not inlined): count it on"
                        + " cgroups (cgroup_skb), which slows down TCP a little, or not at all");
    }

    /**
     * @param capabilities the effective capabilities as a bit set. If empty, they are unknown, and attaching the
     *     programs shows whether they suffice
     */
    static List<String> capabilityProblems(OptionalLong capabilities) {
        return capabilities.isEmpty() || Prerequisites.Capability.CAP_NET_ADMIN.in(capabilities.getAsLong())
                ? List.of()
                : List.of("UDP not counted: the process lacks CAP_NET_ADMIN: to attach a program to a cgroup, run it as"
                        + " root or with CAP_NET_ADMIN, CAP_BPF and CAP_PERFMON");
    }
}
