package io.natator.collector;

import java.util.Locale;

/** Whether and how UDP is counted. */
public enum UdpMode {
    /** UDP is not counted. */
    OFF,
    /**
     * UDP is counted by programs on kernel functions that only UDP calls. If the kernel does not allow these programs,
     * UDP is not counted, and a warning is logged.
     */
    AUTO,
    /** UDP is counted by programs on the root cgroup, which also run for every TCP packet. */
    CGROUP_SKB;

    /** Returns the value of the option {@code --udp}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
