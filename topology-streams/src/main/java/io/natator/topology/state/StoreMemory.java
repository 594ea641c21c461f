package io.natator.topology.state;

import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * Memory outside the heap that all stores of one application share: blocks read, and writes not yet on disk. Without it
 * every store has its own. To be closed after the application's stores.
 */
public final class StoreMemory implements AutoCloseable {
    /** Under this name {@link StoreMemoryConfigSetter} finds it in the Streams configuration. */
    public static final String CONFIG = "natator.store.memory";

    final Cache cache;
    final WriteBufferManager writeBuffers;

    /**
     * Reserves nothing yet.
     *
     * @param bytes bound of all stores together
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
