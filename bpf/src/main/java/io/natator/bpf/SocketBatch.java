package io.natator.bpf;

import java.util.List;

/**
 * A batch of records. The kernel stores them until they are released. Batches must be released in the order in which
 * they were read.
 */
public interface SocketBatch {
    /** A batch without records. */
    SocketBatch EMPTY = new SocketBatch() {
        @Override
        public List<SocketRecord> records() {
            return List.of();
        }

        @Override
        public void release() {}
    };

    /** Returns the records, oldest first. */
    List<SocketRecord> records();

    /**
     * Allows the kernel to delete the records. Call it when the records are stored elsewhere. A second call does
     * nothing.
     */
    void release();
}
