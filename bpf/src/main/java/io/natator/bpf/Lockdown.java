package io.natator.bpf;

import io.natator.bpf.libbpf.KernelProbe;
import io.natator.bpf.libbpf.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether the kernel's lockdown mode allows the programs to run. In the confidentiality mode of kernel_lockdown(7),
 * programs are not allowed to call bpf_probe_read_kernel(). They are still allowed to read through pointers whose type
 * the verifier knows.
 *
 * @param kernelReads whether programs are allowed to call bpf_probe_read_kernel()
 * @param typedPointers whether the kernel has typed pointers, with which TCP is counted without bpf_probe_read_kernel()
 * @param mode the content of {@code /sys/kernel/security/lockdown}, with the current mode in brackets; empty if
 *     unreadable
 */
record Lockdown(Support kernelReads, boolean typedPointers, String mode) {
    private static final Path MODE = Path.of("/sys/kernel/security/lockdown");
    private static final String CONFIDENTIALITY = "[confidentiality]";

    /** Probes what the running kernel allows. */
    static Lockdown probe() {
        try (KernelProbe kernel = new KernelProbe()) {
            return new Lockdown(
                    kernel.kernelReads(KernelFeature.TRACEPOINT),
                    CompiledObject.hasTypedPointers(kernel),
                    readMode(MODE));
        }
    }

    /**
     * Returns the content of the kernel's lockdown file; empty if the file does not exist. It does not exist in most
     * containers, because securityfs is not mounted there.
     */
    static String readMode(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException notMounted) {
            return "";
        }
    }

    /** Returns why TCP cannot be counted; empty if it can. */
    List<String> tcpProblems(String release) {
        return kernelReads != Support.NO || typedPointers
                ? List.of()
                : List.of("BPF programs not loaded: " + cause(release)
                        + ": boot with lockdown=integrity, or use Linux 6.2 or later, where TCP needs no such reads");
    }

    /** Returns why UDP cannot be counted; empty if it can. */
    List<String> udpProblems(String release) {
        return kernelReads != Support.NO
                ? List.of()
                : List.of("UDP not counted: " + cause(release)
                        + ": boot with lockdown=integrity to count it; TCP needs no such reads on Linux 6.2 or later");
    }

    private String cause(String release) {
        String forbidden = "forbids BPF programs to read kernel memory";
        return mode.contains(CONFIDENTIALITY)
                ? "Linux " + release + " is locked down (lockdown=confidentiality) and " + forbidden
                : "Linux " + release + " " + forbidden + ", as it does when locked down (lockdown=confidentiality; "
                        + MODE + " does not say so: is securityfs mounted?)";
    }
}
