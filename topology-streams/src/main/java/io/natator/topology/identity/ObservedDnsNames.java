package io.natator.topology.identity;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The names that workloads looked up in the DNS. They are found by the addresses in the DNS answers. The names are
 * untrusted, because a DNS server can forge them.
 */
public interface ObservedDnsNames {
    ObservedDnsNames NONE = new ObservedDnsNames() {
        @Override
        public @Nullable String name(String cluster, ByteBuffer address, OpenPeriod period) {
            return null;
        }

        @Override
        public boolean isEmpty() {
            return true;
        }
    };

    /**
     * The name of an address, from a DNS answer around the time of a connection; null if no such name is known, or not
     * known yet.
     *
     * @param cluster name of the cluster in which the name was looked up; empty if it has none
     * @param address 4 or 16 bytes in network order
     */
    @Nullable
    String name(String cluster, ByteBuffer address, OpenPeriod period);

    /** Whether no names are known at all, for example because no collector observes DNS answers. */
    boolean isEmpty();
}
