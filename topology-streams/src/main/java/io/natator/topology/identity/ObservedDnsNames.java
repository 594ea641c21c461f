package io.natator.topology.identity;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Names that workloads looked up in the DNS, by the addresses in the answers. Untrusted: a DNS server can forge them.
 */
public interface ObservedDnsNames {
    /** No DNS answers are observed. */
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
     * The name that was looked up around the time of a connection; null if none is known (yet).
     *
     * @param address 4 or 16 bytes in network order
     */
    @Nullable
    String name(ByteBuffer address, OpenPeriod period);

    /** Whether no name is known at all, as when no collector observes DNS answers. */
    boolean isEmpty();
}
