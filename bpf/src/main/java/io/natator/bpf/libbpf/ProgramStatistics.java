package io.natator.bpf.libbpf;

/**
 * What the kernel counts about a program since it was loaded.
 *
 * @param runNanos time in the program, in nanoseconds; grows only while the kernel's BPF statistics are on
 *     ({@code sysctl kernel.bpf_stats_enabled=1})
 * @param runs how often it ran; grows only with them, too
 * @param recursionMisses how often it was skipped because it was already running on the CPU; always counted
 */
public record ProgramStatistics(long runNanos, long runs, long recursionMisses) {}
