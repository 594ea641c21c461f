package io.natator.bpf;

import java.util.function.Consumer;

/**
 * A source of socket records. For one thread at a time; another thread may call {@link #close} once the reading thread has stopped.
 */
public interface SocketSource extends AutoCloseable {
    /**
     * Reads the next opens, closes and failures, in the kernel's order. The kernel stores them until the batch is released; a batch
     * that is never released is read again after a restart.
     *
     * @param limit maximum number of records, positive
     * @return an empty batch if nothing happened
     */
    SocketBatch poll(int limit);

    /** Decides by a live connection's counters whether the whole record is read. */
    @FunctionalInterface
    interface LiveSelection {
        /** Whether the record is wanted; called once for every live connection. */
        boolean wants(ConnectionId connection, Counters counters);
    }

    /**
     * Refreshes the counters of every live connection, and reads the connections that the selection wants. Each record's event is
     * {@link SocketRecord.Event#LIVE}.
     */
    void readLive(LiveSelection selection, Consumer<SocketRecord> consumer);

    /** Reads all live connections. */
    default void readLive(Consumer<SocketRecord> consumer) {
        readLive((connection, counters) -> true, consumer);
    }

    /**
     * Figures of the kernel side since it was loaded, and its current fill. Only for the reading thread.
     *
     * @throws IllegalStateException after {@link #close}
     */
    SocketSourceStatistics statistics();

    /** Stops reading. Pinned programs continue to collect, for the next collector. */
    @Override
    void close();
}
