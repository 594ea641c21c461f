package io.natator.bpf;

import java.util.List;

/**
 * Records that the kernel stores until they are released. Batches must be released in the order in which they were
 * read.
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

    /** The records, oldest first. */
    List<SocketRecord> records();

    /**
     * Lets the kernel delete the records. Call it when the records are stored elsewhere. A second call does nothing.
     */
    void release();
}
