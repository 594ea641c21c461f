package io.natator.bpf.libbpf;

/** Whether the running kernel has a feature. */
public enum Support {
    /** The trial succeeded. */
    YES,
    /** The kernel lacks the feature. */
    NO,
    /** The trial failed for another reason, such as a missing privilege. The feature is used as if it was there. */
    UNKNOWN
}
