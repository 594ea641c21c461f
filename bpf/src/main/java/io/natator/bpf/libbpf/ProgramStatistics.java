package io.natator.bpf.libbpf;

/**
 * What the kernel has counted about a program since it was loaded.
 *
 * @param runNanos run time of the program, in nanoseconds; counted only while the kernel's BPF statistics are on
 *     ({@code sysctl kernel.bpf_stats_enabled=1})
 * @param runs how often it ran; counted only while these statistics are on
 * @param recursionMisses how often the kernel skipped it because it was already running on the CPU; always counted
 */
public record ProgramStatistics(long runNanos, long runs, long recursionMisses) {}
