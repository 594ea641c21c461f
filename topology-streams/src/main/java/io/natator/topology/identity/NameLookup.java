package io.natator.topology.identity;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Finds names of external addresses by look-ups that run in the background. Never blocks. */
@FunctionalInterface
public interface NameLookup {
    NameLookup NONE = address -> Result.NO_NAME;

    /**
     * The result of a look-up so far.
     *
     * @param name null if no name is known
     * @param pending true if the look-up is still running, so a later call can return a name
     */
    record Result(@Nullable String name, boolean pending) {
        /** The look-up has found no name. */
        static final Result NO_NAME = new Result(null, false);

        /** The look-up is running. */
        static final Result PENDING = new Result(null, true);
    }

    /**
     * Returns the name of an address. If the name is not cached and no look-up of it is running, this call starts one.
     *
     * @param address 4 or 16 bytes in network order
     */
    Result find(ByteBuffer address);
}
