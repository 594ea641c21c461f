package io.natator.topology.identity;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Names external addresses by a look-up that takes time. Never blocks. */
@FunctionalInterface
public interface NameLookup {
    /** Knows no names. */
    NameLookup NONE = address -> Result.NO_NAME;

    /**
     * The result of a look-up so far.
     *
     * @param name null if no name is known
     * @param pending true if the look-up is not finished, so a name may follow
     */
    record Result(@Nullable String name, boolean pending) {
        /** No name can be found. */
        static final Result NO_NAME = new Result(null, false);

        /** The look-up is under way. */
        static final Result PENDING = new Result(null, true);
    }

    /**
     * The name of an address; starts a look-up if nothing is known of the address.
     *
     * @param address 4 or 16 bytes in network order
     */
    Result find(ByteBuffer address);
}
