package io.natator.bpf;

import io.natator.bpf.libbpf.ProgramStatistics;
import java.util.Map;

/**
 * Statistics of the kernel side.
 *
 * @param counts what the programs have counted since they were loaded; a statistic that is not in the map is 0
 * @param discarded number of records of another version that could not be read since this source was opened
 * @param ring bytes in the ring buffer that are not released yet
 * @param live number of open connections (UDP: flows)
 * @param spill number of closes in the spill, the map for closes that found the ring buffer full
 * @param fold number of address pairs in the fold, the map of sums for closes (UDP: datagrams) that found all other
 *     maps full
 * @param programs the kernel's statistics of each program, by the program's name
 */
public record SocketSourceStatistics(
        Map<KernelStatistic, Long> counts,
        long discarded,
        Fill ring,
        Fill live,
        Fill spill,
        Fill fold,
        Map<String, ProgramStatistics> programs) {
    /** Creates statistics with copies of the maps. */
    public SocketSourceStatistics {
        counts = Map.copyOf(counts);
        programs = Map.copyOf(programs);
    }

    /** Returns statistics that are all 0, for the time before the statistics are read first. */
    public static SocketSourceStatistics none() {
        return new SocketSourceStatistics(Map.of(), 0, Fill.NONE, Fill.NONE, Fill.NONE, Fill.NONE, Map.of());
    }

    /** Returns a copy of these statistics with other statistics of programs. */
    public SocketSourceStatistics withPrograms(Map<String, ProgramStatistics> others) {
        return new SocketSourceStatistics(counts, discarded, ring, live, spill, fold, others);
    }

    /** Returns one of the numbers that the programs have counted. */
    public long count(KernelStatistic statistic) {
        return counts.getOrDefault(statistic, 0L);
    }

    /**
     * Returns how often the kernel has skipped a run of a program because the program was already running on the CPU.
     * The number is a total of all programs.
     */
    public long recursionMisses() {
        return programs.values().stream()
                .mapToLong(ProgramStatistics::recursionMisses)
                .sum();
    }
}
