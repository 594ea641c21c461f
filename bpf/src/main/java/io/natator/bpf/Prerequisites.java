package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks whether the machine and the process have everything that TCP tracking needs. */
final class Prerequisites {
    /** Capabilities of a process and their numbers (capabilities(7)). */
    enum Capability {
        CAP_NET_ADMIN(12),
        CAP_SYS_ADMIN(21),
        CAP_PERFMON(38),
        CAP_BPF(39);

        private final int bit;

        Capability(int bit) {
            this.bit = bit;
        }

        boolean in(long set) {
            return (set >>> bit & 1) != 0;
        }
    }

    private static final Logger log = LoggerFactory.getLogger(Prerequisites.class);

    private static final String RELEASE = System.getProperty("os.version");

    private Prerequisites() {}

    /**
     * Checks all prerequisites of TCP tracking.
     *
     * @param proc mount of a proc file system in which {@code self} is this process
     * @throws MissingPrerequisiteException if anything is missing; it names everything that is missing
     */
    static void check(Path proc) {
        List<String> problems = new ArrayList<>(capabilityProblems(effectiveCapabilities(proc)));
        try {
            problems.addAll(kernelProblems(KernelFeature.probe(), RELEASE));
            problems.addAll(Lockdown.probe().tcpProblems(RELEASE));
        } catch (BpfException missing) {
            problems.add(missing.getMessage());
        }
        if (!problems.isEmpty()) {
            throw new MissingPrerequisiteException(problems);
        }
    }

    /**
     * @param capabilities the effective capabilities as a bit set. If empty, they are unknown, and loading the programs
     *     shows whether they suffice
     */
    static List<String> capabilityProblems(OptionalLong capabilities) {
        if (capabilities.isEmpty() || Capability.CAP_SYS_ADMIN.in(capabilities.getAsLong())) {
            return List.of();
        }
        String missing = Stream.of(Capability.CAP_BPF, Capability.CAP_PERFMON)
                .filter(capability -> !capability.in(capabilities.getAsLong()))
                .map(Capability::name)
                .collect(Collectors.joining(" and "));
        return missing.isEmpty()
                ? List.of()
                : List.of("BPF programs not loaded: the process lacks " + missing + ": run it as root or with "
                        + "CAP_BPF (maps and programs) and CAP_PERFMON (tracing)");
    }

    /**
     * Returns one line that names the features that the kernel lacks; empty if it lacks none. A feature that could not
     * be probed does not count as missing: loading the programs shows whether it exists.
     */
    static List<String> kernelProblems(Map<KernelFeature, Support> features, String release) {
        features.forEach((feature, support) -> log.atDebug()
                .addKeyValue("feature", feature)
                .addKeyValue("support", support)
                .log("Probed a kernel feature"));
        String lacks = features.entrySet().stream()
                .filter(feature -> feature.getValue() == Support.NO)
                .map(feature -> feature.getKey().lack())
                .collect(Collectors.joining(", "));
        return lacks.isEmpty()
                ? List.of()
                : List.of("BPF programs not loaded: Linux " + release + " has " + lacks + ": use "
                        + KernelFeature.REQUIRED + " with CONFIG_DEBUG_INFO_BTF=y");
    }

    /** Whether this process is allowed to enter other network namespaces. */
    static boolean mayEnterNamespaces(Path proc) {
        return Capability.CAP_SYS_ADMIN.in(effectiveCapabilities(proc).orElse(0));
    }

    /** Returns the effective capabilities of this process as a bit set; empty if they cannot be read. */
    static OptionalLong effectiveCapabilities(Path proc) {
        Path status = proc.resolve("self/status");
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("CapEff:"))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring("CapEff:".length()).strip().toLowerCase(Locale.ROOT), 16))
                    .findFirst();
        } catch (IOException unreadable) {
            log.atWarn()
                    .setCause(unreadable)
                    .addKeyValue("file", status)
                    .log("Could not read the capabilities of the process");
            return OptionalLong.empty();
        }
    }
}
