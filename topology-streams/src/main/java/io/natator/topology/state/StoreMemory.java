package io.natator.topology.state;

import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * RocksDB's block cache and write buffers, outside the heap, shared by all stores of one application. Without it, every
 * store has its own. Must be closed after the stores.
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
