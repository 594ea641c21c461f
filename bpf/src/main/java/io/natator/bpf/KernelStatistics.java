package io.natator.bpf;

import io.natator.bpf.libbpf.BpfMap;
import java.util.EnumMap;
import java.util.Map;

/** Reads the map {@code statistics}, in which the BPF programs count their own work. */
final class KernelStatistics {
    private final BpfMap map;

    KernelStatistics(BpfMap map) {
        this.map = map;
    }

    long count(KernelStatistic statistic) {
        return map.sumPerCpu(statistic.index());
    }

    Map<KernelStatistic, Long> all() {
        Map<KernelStatistic, Long> counts = new EnumMap<>(KernelStatistic.class);
        for (KernelStatistic statistic : KernelStatistic.values()) {
            counts.put(statistic, count(statistic));
        }
        return counts;
    }
}
