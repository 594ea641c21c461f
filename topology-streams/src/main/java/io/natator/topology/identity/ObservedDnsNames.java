package io.natator.topology.identity;

import io.natator.topology.identity.WorkloadResolver.Span;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Names that workloads asked the DNS for, by the addresses they got. Whoever answers a workload can make them up. */
public interface ObservedDnsNames {
    /** Nobody looks at what is asked. */
    ObservedDnsNames NONE = new ObservedDnsNames() {
        @Override
        public @Nullable String name(ByteBuffer address, Span span) {
            return null;
        }

        @Override
        public boolean isEmpty() {
            return true;
        }
    };

    /**
     * The name that was asked for around the time of a connection, or null where none is known (yet).
     *
     * @param address 4 or 16 bytes in network order
     */
    @Nullable
    String name(ByteBuffer address, Span span);

    /** Whether no name at all is known, as where nobody looks at what is asked. */
    boolean isEmpty();
}
