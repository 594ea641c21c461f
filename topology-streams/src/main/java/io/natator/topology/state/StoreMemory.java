package io.natator.topology.state;

import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * Memory outside the heap that all stores of one application share, for blocks that were read and writes that are not
 * on disk yet. Without it, every store has memory of its own. Must be closed after the stores.
 */
public final class StoreMemory implements AutoCloseable {
    /** Name under which {@link StoreMemoryConfigSetter} finds it in the configuration of Kafka Streams. */
    public static final String CONFIG = "natator.store.memory";

    final Cache cache;
    final WriteBufferManager writeBuffers;

    /**
     * Allocates nothing yet.
     *
     * @param bytes maximum of all stores together
     */
    public StoreMemory(long bytes) {
        RocksDB.loadLibrary();
        cache = new LRUCache(bytes);
        writeBuffers = new WriteBufferManager(bytes / 2, cache);
    }

    @Override
    public void close() {
        writeBuffers.close();
        cache.close();
    }
}
