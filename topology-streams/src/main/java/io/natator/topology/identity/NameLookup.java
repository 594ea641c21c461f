package io.natator.topology.identity;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Names of external addresses that take time to find. Never blocks. */
@FunctionalInterface
public interface NameLookup {
    /** Knows no names. */
    NameLookup NONE = address -> Result.NO_NAME;

    /**
     * What is known now.
     *
     * @param name null where there is none
     * @param pending whether a name may still come
     */
    record Result(@Nullable String name, boolean pending) {
        /** There is no name, as far as can be found out. */
        static final Result NO_NAME = new Result(null, false);

        /** It is being looked for. */
        static final Result PENDING = new Result(null, true);
    }

    /**
     * Asks for the name of an address, and has it looked for where nothing is known.
     *
     * @param address 4 or 16 bytes in network order
     */
    Result find(ByteBuffer address);
}
