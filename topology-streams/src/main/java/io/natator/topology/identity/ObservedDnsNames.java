package io.natator.topology.identity;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The names that workloads looked up in the DNS, by the addresses in the answers. The names are untrusted, because a
 * DNS server can forge them.
 */
public interface ObservedDnsNames {
    ObservedDnsNames NONE = new ObservedDnsNames() {
        @Override
        public @Nullable String name(ByteBuffer address, OpenPeriod period) {
            return null;
        }

        @Override
        public boolean isEmpty() {
            return true;
        }
    };

    /**
     * The name that was looked up around the time of a connection; null if no name is known, or not known yet.
     *
     * @param address 4 or 16 bytes in network order
     */
    @Nullable
    String name(ByteBuffer address, OpenPeriod period);

    /** Whether no name of any address is known, for example because no collector observes DNS answers. */
    boolean isEmpty();
}
