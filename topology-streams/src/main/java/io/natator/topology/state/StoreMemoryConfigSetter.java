package io.natator.topology.state;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Options;

/**
 * Makes each store use the application's {@link StoreMemory}. Kafka Streams creates one object of this class for each
 * store.
 */
public final class StoreMemoryConfigSetter implements RocksDBConfigSetter {
    private static final int MAX_WRITE_BUFFERS = 2;

    /** Called by Kafka Streams. */
    public StoreMemoryConfigSetter() {}

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        if (!(configs.get(StoreMemory.CONFIG) instanceof StoreMemory memory)) {
            return;
        }
        var table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(memory.cache);
        table.setCacheIndexAndFilterBlocks(true);
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(memory.writeBuffers);
        options.setMaxWriteBufferNumber(MAX_WRITE_BUFFERS);
    }

    @Override
    public void close(String storeName, Options options) {
        // Nothing to close here: the stores share the memory, and the application closes it after all stores.
    }
}
