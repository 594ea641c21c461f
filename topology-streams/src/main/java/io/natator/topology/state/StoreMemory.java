package io.natator.topology.state;

import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * The memory of RocksDB, outside the heap: one block cache and one limit of write buffers for all stores of the
 * application. Without this object, every store has its own cache and buffers. Must be closed after the stores.
 */
public final class StoreMemory implements AutoCloseable {
    /**
     * Key under which the configuration of Kafka Streams contains this object. {@link StoreMemoryConfigSetter} reads it
     * there.
     */
    public static final String CONFIG = "natator.store.memory";

    final Cache cache;
    final WriteBufferManager writeBuffers;

    /**
     * Sets the limits. RocksDB allocates the memory later, when it needs it.
     *
     * @param bytes maximum memory of all stores together. At most half of it is used for write buffers
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
