package io.natator.collector;

import java.util.Locale;

/** Whether and how UDP is counted. */
public enum UdpMode {
    /** UDP is not counted. */
    OFF,
    /** On kernel functions that only UDP calls. If the kernel does not allow that, UDP is not counted, and a warning is logged. */
    AUTO,
    /** On the root cgroup, where the programs run for every TCP packet as well. */
    CGROUP_SKB;

    /** The value of the option. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
