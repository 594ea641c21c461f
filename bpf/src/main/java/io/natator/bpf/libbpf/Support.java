package io.natator.bpf.libbpf;

/** Whether the running kernel has a feature. */
public enum Support {
    /** The kernel has the feature: the probe succeeded. */
    YES,
    /** The kernel lacks the feature. */
    NO,
    /**
     * The probe failed for another reason, such as a missing privilege. Callers then use the feature and see whether it
     * works.
     */
    UNKNOWN
}
