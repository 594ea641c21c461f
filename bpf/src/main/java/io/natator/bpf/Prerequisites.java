package io.natator.bpf;

import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.BpfSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the machine and the process must have, and whether they do. */
final class Prerequisites {
    /** capabilities(7). */
    enum Capability {
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

    private static final Path TYPES = Path.of("/sys/kernel/btf/vmlinux");
    private static final Path STATUS = Path.of("/proc/self/status");

    private Prerequisites() {}

    /** @throws MissingPrerequisiteException with everything that is missing */
    static void check() {
        List<String> problems = new ArrayList<>(problems(effectiveCapabilities(), Files.exists(TYPES)));
        try {
            BpfSpec.requireLibrary();
        } catch (BpfException missing) {
            problems.add(missing.getMessage());
        }
        if (!problems.isEmpty()) {
            throw new MissingPrerequisiteException(problems);
        }
    }

    static List<String> problems(long capabilities, boolean types) {
        List<String> problems = new ArrayList<>();
        String missing = Capability.CAP_SYS_ADMIN.in(capabilities)
                ? ""
                : Stream.of(Capability.CAP_BPF, Capability.CAP_PERFMON)
                        .filter(capability -> !capability.in(capabilities))
                        .map(Capability::name)
                        .collect(Collectors.joining(" and "));
        if (!missing.isEmpty()) {
            problems.add("BPF programs not loaded: the process lacks " + missing + ": run it as root or with "
                    + "CAP_BPF (maps and programs) and CAP_PERFMON (tracing)");
        }
        if (!types) {
            problems.add("BPF programs not loaded: the kernel has no type information at " + TYPES
                    + ": use a kernel with CONFIG_DEBUG_INFO_BTF=y, 6.1 or later");
        }
        return problems;
    }

    /** Whether the process may enter other network namespaces. */
    static boolean mayEnterNamespaces() {
        return Capability.CAP_SYS_ADMIN.in(effectiveCapabilities());
    }

    static long effectiveCapabilities() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("CapEff:"))
                    .mapToLong(line -> Long.parseUnsignedLong(
                            line.substring("CapEff:".length()).strip().toLowerCase(Locale.ROOT), 16))
                    .findFirst()
                    .orElse(0);
        } catch (IOException unreadable) {
            throw new BpfException("capabilities not known: " + STATUS + " not read: mount /proc", unreadable);
        }
    }
}
