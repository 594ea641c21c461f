package io.natator.bpf;

import io.natator.bpf.libbpf.KernelProbe;
import io.natator.bpf.libbpf.Support;
import java.util.EnumMap;
import java.util.Map;

/** A kernel feature that the programs need, and the first Linux version that has it. */
enum KernelFeature {
    TYPES("no type information (BTF)", "CONFIG_DEBUG_INFO_BTF=y"),
    STATE_TRACEPOINT("no typed tracepoint inet_sock_set_state", "Linux 5.5"),
    RING_BUFFER("no BPF ring buffer", "Linux 5.8"),
    MAP_ITERATOR("no iterator over the elements of a map", "Linux 5.8"),
    FILE_ITERATOR("no iterator over the files of tasks", "Linux 5.8"),
    TCP_ITERATOR("no iterator over TCP sockets", "Linux 5.9"),
    ATOMIC_FETCH("no atomic operations with fetch in BPF", "Linux 5.12"),
    SOCKET_COOKIE("no socket cookies in tracing programs", "Linux 5.12");

    /** The tracepoint that the programs for TCP state changes are attached to. */
    static final String TRACEPOINT = "inet_sock_set_state";

    /** The oldest kernels that have all features. */
    static final String REQUIRED = "Linux 5.15 or later (RHEL 9: 5.14)";

    private final String lack;
    private final String since;

    KernelFeature(String lack, String since) {
        this.lack = lack;
        this.since = since;
    }

    /** Probes the running kernel for all features, and returns the result of each. */
    static Map<KernelFeature, Support> probe() {
        Map<KernelFeature, Support> found = new EnumMap<>(KernelFeature.class);
        try (KernelProbe kernel = new KernelProbe()) {
            for (KernelFeature feature : values()) {
                found.put(feature, feature.in(kernel));
            }
        }
        return found;
    }

    private Support in(KernelProbe kernel) {
        return switch (this) {
            case TYPES -> kernel.types();
            case STATE_TRACEPOINT -> kernel.typedTracepoint(TRACEPOINT);
            case RING_BUFFER -> kernel.ringBuffer();
            case MAP_ITERATOR -> kernel.iterator("bpf_map_elem");
            case FILE_ITERATOR -> kernel.iterator("task_file");
            case TCP_ITERATOR -> kernel.iterator("tcp");
            case ATOMIC_FETCH -> kernel.atomicFetch();
            case SOCKET_COOKIE -> kernel.socketCookie(TRACEPOINT);
        };
    }

    /** Returns a text that names the missing feature and the first Linux version that has it. */
    String lack() {
        return lack + " (" + since + ")";
    }
}
