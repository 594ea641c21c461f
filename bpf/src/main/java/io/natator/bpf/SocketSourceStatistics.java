package io.natator.bpf;

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
 * @param recursionMisses runs the kernel skipped because a program was already running on the CPU, all programs
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
        long recursionMisses) {}
