package io.natator.bpf;

import java.util.List;

/** Records that the kernel still holds. Batches are released in the order in which they were read. */
public interface SocketBatch {
    /** The records, oldest first. */
    List<SocketRecord> records();

    /** Lets the kernel forget the records: call it when they are safe elsewhere. A second call does nothing. */
    void release();
}
