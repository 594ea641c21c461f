package io.natator.bpf;

import io.natator.bpf.libbpf.ProgramStatistics;
import java.util.Map;

/**
 * Statistics of the kernel side.
 *
 * @param counts since the programs were loaded; a statistic that is not in the map is 0
 * @param discarded records of another version that could not be read, since this source was opened
 * @param ring bytes in the ring buffer that are not released
 * @param live live connections (UDP: flows)
 * @param spill closes in the spill
 * @param fold address pairs in the fold
 * @param programs the kernel's own statistics of each program, by the program's name
 */
public record SocketSourceStatistics(
        Map<KernelStatistic, Long> counts,
        long discarded,
        Fill ring,
        Fill live,
        Fill spill,
        Fill fold,
        Map<String, ProgramStatistics> programs) {
    /** Copies the maps. */
    public SocketSourceStatistics {
        counts = Map.copyOf(counts);
        programs = Map.copyOf(programs);
    }

    /** Figures before anything was read. */
    public static SocketSourceStatistics none() {
        return new SocketSourceStatistics(Map.of(), 0, Fill.NONE, Fill.NONE, Fill.NONE, Fill.NONE, Map.of());
    }

    /** The same figures with other programs. */
    public SocketSourceStatistics withPrograms(Map<String, ProgramStatistics> others) {
        return new SocketSourceStatistics(counts, discarded, ring, live, spill, fold, others);
    }

    /** One of the counts since load. */
    public long count(KernelStatistic statistic) {
        return counts.getOrDefault(statistic, 0L);
    }

    /** Runs that the kernel skipped because a program was already running on the CPU, all programs. */
    public long recursionMisses() {
        return programs.values().stream()
                .mapToLong(ProgramStatistics::recursionMisses)
                .sum();
    }
}
