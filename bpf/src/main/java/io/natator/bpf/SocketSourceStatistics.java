package io.natator.bpf;

import io.natator.bpf.libbpf.ProgramStatistics;
import java.util.Map;

/**
 * Figures of the kernel side.
 *
 * @param live connections tracked now
 * @param opened connections established since load
 * @param closed connections ended since load
 * @param failed connections never established since load
 * @param spilled closes that found the ring buffer full and went to the spill map, since load
 * @param folded closes of which only the bytes per address pair were kept, since load
 * @param lost events for which no room was left at all, since load
 * @param ringBytes bytes in the ring buffer that wait to be released
 * @param ringCapacity size of the ring buffer in bytes
 * @param liveCapacity how many live connections fit
 * @param spillEntries entries of the spill map in use
 * @param spillCapacity size of the spill map
 * @param foldEntries address pairs that bytes are summed up for
 * @param foldCapacity for how many there is room
 * @param opensSkipped opens that were not announced so that closes have the room, since load; no connection is lost by it
 * @param liveSkipped connections and live readings for which there was no room, since load; the close is exact nevertheless
 * @param leftOut connections that the filter left out, since load; a connection within the machine has two ends, which count
 *     each, and what is open when a collector starts is counted by each
 * @param discarded records that another version left behind and that could not be read, since this source was opened
 * @param programs what the kernel counts about each program, by the program's name
 */
public record SocketSourceStatistics(
        long live,
        long opened,
        long closed,
        long failed,
        long spilled,
        long folded,
        long lost,
        long ringBytes,
        long ringCapacity,
        long liveCapacity,
        long spillEntries,
        long spillCapacity,
        long foldEntries,
        long foldCapacity,
        long opensSkipped,
        long liveSkipped,
        long leftOut,
        long discarded,
        Map<String, ProgramStatistics> programs) {
    /** Copies the programs. */
    public SocketSourceStatistics {
        programs = Map.copyOf(programs);
    }

    /** Figures before anything was read. */
    public static SocketSourceStatistics none() {
        return new SocketSourceStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of());
    }

    /** The same figures with other programs. */
    public SocketSourceStatistics withPrograms(Map<String, ProgramStatistics> others) {
        return new SocketSourceStatistics(
                live,
                opened,
                closed,
                failed,
                spilled,
                folded,
                lost,
                ringBytes,
                ringCapacity,
                liveCapacity,
                spillEntries,
                spillCapacity,
                foldEntries,
                foldCapacity,
                opensSkipped,
                liveSkipped,
                leftOut,
                discarded,
                others);
    }

    /** Runs that the kernel skipped because a program was already running on the CPU, all programs. */
    public long recursionMisses() {
        return programs.values().stream()
                .mapToLong(ProgramStatistics::recursionMisses)
                .sum();
    }
}
