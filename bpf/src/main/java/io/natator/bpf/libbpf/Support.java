package io.natator.bpf.libbpf;

/** Whether the running kernel has something. */
public enum Support {
    /** It was tried, and it works. */
    YES,
    /** The kernel said that it has no such thing. */
    NO,
    /** Neither: privilege or memory was missing, or the answer has another cause. What needs it is tried all the same. */
    UNKNOWN
}
