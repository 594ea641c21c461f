package io.natator.bpf.libbpf;

/**
 * What the kernel has counted about a program since the program was loaded.
 *
 * @param runNanos total run time of the program in nanoseconds; 0 if the kernel's BPF statistics are off ({@code sysctl
 *     kernel.bpf_stats_enabled=1} turns them on)
 * @param runs how often the program ran; 0 if the BPF statistics are off
 * @param recursionMisses how often the kernel skipped the program because it was already running on the CPU; always
 *     counted
 */
public record ProgramStatistics(long runNanos, long runs, long recursionMisses) {}
