package io.natator.bpf.libbpf;

/**
 * What the kernel has counted about a program since the program was loaded.
 *
 * @param runNanos total run time of the program in nanoseconds; only counted while the kernel's BPF statistics are on
 *     ({@code sysctl kernel.bpf_stats_enabled=1})
 * @param runs how often the program ran; only counted while the BPF statistics are on
 * @param recursionMisses how often the kernel skipped the program because it was already running on the CPU; always
 *     counted
 */
public record ProgramStatistics(long runNanos, long runs, long recursionMisses) {}
