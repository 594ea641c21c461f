package io.natator.topology.identity;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.RegistryUnavailableException;
import io.natator.topology.statistics.Counter;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a topic to a global store (a store with all partitions on every instance). Values are stored in Avro's
 * single-object encoding, even if the topic uses the wire format of a schema registry. Kafka Streams cannot send
 * records of a global store to dead letters. So this class counts and logs a value that cannot be decoded, and stores
 * its bytes unchanged. Readers of the store treat such a value as unknown.
 *
 * @param <T> type of the topic's values
 */
public final class GlobalStoreProcessor<T extends SpecificRecord> implements Processor<String, byte[], Void, Void> {
    private static final Logger log = LoggerFactory.getLogger(GlobalStoreProcessor.class);

    private final String storeName;
    private final Serde<T> topic;
    private final AvroSerde<T> stored;
    private final Counter undecodable;
    private final Consumer<String> onStored;
    private @Nullable KeyValueStore<String, byte[]> store;

    /**
     * Creates a processor.
     *
     * @param storeName name of the global store, which has text keys and encoded values
     * @param topic serde of the topic's values
     * @param stored serde of the store's values
     * @param undecodable counts values that cannot be decoded
     * @param onStored receives the key of each record that was written to the store or deleted from it
     */
    public GlobalStoreProcessor(
            String storeName, Serde<T> topic, AvroSerde<T> stored, Counter undecodable, Consumer<String> onStored) {
        this.storeName = storeName;
        this.topic = topic;
        this.stored = stored;
        this.undecodable = undecodable;
        this.onStored = onStored;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        store = context.getStateStore(storeName);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        if (store == null || record.key() == null) {
            return;
        }
        store.put(record.key(), record.value() == null ? null : toSingleObject(record.key(), record.value()));
        // After the write: readers may empty their caches now, and must then find the new record.
        onStored.accept(record.key());
    }

    private byte[] toSingleObject(String key, byte[] value) {
        try {
            T decoded = decode(value);
            return AvroSerde.isSingleObject(value) ? value : stored.encode(decoded);
        } catch (SerializationException e) {
            (undecodable.increment() == 1 ? log.atWarn() : log.atDebug())
                    .addKeyValue("store", storeName)
                    .addKeyValue("key", key)
                    .addKeyValue("reason", e.getMessage())
                    .log("A record of a global store cannot be decoded and is ignored; further ones are only counted");
            return value;
        }
    }

    /**
     * Decodes a value, and retries until the schema registry answers. An exception would not help: Kafka Streams does
     * not replace the failed thread of a global store.
     */
    private T decode(byte[] value) {
        while (true) {
            try {
                return topic.deserializer().deserialize("", value);
            } catch (RegistryUnavailableException e) {
                log.atWarn().log(e.getMessage());
            }
        }
    }
}
