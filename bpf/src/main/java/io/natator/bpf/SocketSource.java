package io.natator.bpf;

import java.util.function.Consumer;

/**
 * A source of records of sockets. Only one thread at a time is allowed to use it. Another thread can call
 * {@link #close} when the reading thread has stopped.
 */
public interface SocketSource extends AutoCloseable {
    /**
     * Reads the next opens, closes and failures, in the kernel's order. The kernel stores their records until the batch
     * is released. If a batch is not released, the next collector reads its records again.
     *
     * @param limit maximum number of records, positive
     * @return an empty batch if there are no records
     */
    SocketBatch poll(int limit);

    /** Decides whether the record of an open connection is read, by the connection's id and counters. */
    @FunctionalInterface
    interface LiveSelection {
        /** Returns whether the record is read. The source calls it once for every open connection. */
        boolean wants(ConnectionId connection, Counters counters);
    }

    /**
     * Refreshes the counters of all open connections, and passes the records that the selection wants to the consumer.
     * Their event is {@link SocketRecord.Event#LIVE}.
     */
    void readLive(LiveSelection selection, Consumer<SocketRecord> consumer);

    /**
     * Passes the records that the selection wants to the consumer, like {@link #readLive}, but ends no UDP flow. So a
     * caller knows all flows before it receives the first record about one of them. Does nothing for TCP.
     */
    default void preview(LiveSelection selection, Consumer<SocketRecord> consumer) {}

    /** Refreshes the counters of all open connections, and passes all records to the consumer. */
    default void readLive(Consumer<SocketRecord> consumer) {
        readLive((connection, counters) -> true, consumer);
    }

    /**
     * Returns what the kernel side has counted since it was loaded, and how full its maps are. Only the thread that
     * reads records is allowed to call it.
     *
     * @throws IllegalStateException after {@link #close}
     */
    SocketSourceStatistics statistics();

    /** Stops reading. Pinned programs stay attached and store records for the next collector. */
    @Override
    void close();
}
