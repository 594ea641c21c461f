package io.natator.bpf;

import java.util.function.Consumer;

/**
 * Where socket records come from. One thread at a time; {@link #close} may be called from another thread once the
 * reading one has stopped.
 */
public interface SocketSource extends AutoCloseable {
    /**
     * The next opens, closes and failures, in the kernel's order: what was not read before, at most {@code limit}. The
     * kernel keeps them until the batch is released; a batch that never is, is read again after a restart.
     *
     * @param limit how many records at most, positive
     * @return an empty batch where nothing happened
     */
    SocketBatch readEvents(int limit);

    /** Is shown a live connection's counters, and tells whether the whole record is wanted. */
    @FunctionalInterface
    interface LiveSelection {
        /** The parameters are as in {@link SocketRecord}. */
        boolean wants(
                long cookie,
                long startNanos,
                long bytesSent,
                long bytesAcked,
                long bytesReceived,
                long segmentsSent,
                long segmentsReceived,
                long retransmits);
    }

    /**
     * Refreshes the counters of every live connection, and reads those that are wanted: most connections are quiet most of
     * the time. Each record's event is {@link SocketRecord.Event#LIVE}.
     */
    void readLive(LiveSelection selection, Consumer<SocketRecord> consumer);

    /** As {@link #readLive(LiveSelection, Consumer)}, with all of them. */
    default void readLive(Consumer<SocketRecord> consumer) {
        readLive((cookie, start, sent, acked, received, out, in, retransmits) -> true, consumer);
    }

    /**
     * Figures of the kernel side since it was loaded, and its current fill. For the reading thread.
     *
     * @throws IllegalStateException after {@link #close}
     */
    SocketSourceStatistics statistics();

    /** Stops reading. What is pinned goes on collecting for the next collector. */
    @Override
    void close();
}
