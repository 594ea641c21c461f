package io.natator.collector;

import java.util.Locale;

/** Whether and how UDP is counted. */
public enum UdpMode {
    /** Not at all. */
    OFF,
    /** On functions that only UDP reaches, where the kernel has them; where it has not, UDP is not counted, and that is said. */
    AUTO,
    /** Where the root cgroup sees packets: every TCP packet passes there as well. */
    CGROUP_SKB;

    /** As an operator writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
