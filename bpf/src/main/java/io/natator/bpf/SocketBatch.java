package io.natator.bpf;

import java.util.List;

/** Records that the kernel still holds. Batches are released in the order in which they were read. */
public interface SocketBatch {
    /** Nothing happened. */
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

    /** Lets the kernel forget the records: call it when they are safe elsewhere. A second call does nothing. */
    void release();
}
