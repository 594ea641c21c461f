package io.natator.bpf;

import io.natator.bpf.libbpf.BpfMap;

/** The counters of the kernel side, {@code enum natator_statistic} of record_layout.h. */
final class KernelStatistics {
    private final BpfMap map;

    KernelStatistics(BpfMap map) {
        this.map = map;
    }

    long opened() {
        return map.sumPerCpu(0);
    }

    long closed() {
        return map.sumPerCpu(1);
    }

    long failed() {
        return map.sumPerCpu(2);
    }

    long spilled() {
        return map.sumPerCpu(3);
    }

    long folded() {
        return map.sumPerCpu(4);
    }

    long lost() {
        return map.sumPerCpu(5);
    }

    long opensSkipped() {
        return map.sumPerCpu(6);
    }

    long liveSkipped() {
        return map.sumPerCpu(7);
    }

    long leftOut() {
        return map.sumPerCpu(8);
    }
}
