package io.natator.topology.identity;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.RegistryUnavailableException;
import io.natator.topology.state.Counter;
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
 * Keeps a global store, in single-object encoding whatever the topic's framing. A global store has no way to the dead
 * letters, so what cannot be decoded is counted and logged here, kept as it came, and unknown to whoever asks.
 *
 * @param <T> what the topic's values are
 */
public final class GlobalStoreProcessor<T extends SpecificRecord> implements Processor<String, byte[], Void, Void> {
    private static final Logger log = LoggerFactory.getLogger(GlobalStoreProcessor.class);

    private final String storeName;
    private final Serde<T> topic;
    private final AvroSerde<T> stored;
    private final Counter undecodable;
    private final Counter changes;
    private @Nullable KeyValueStore<String, byte[]> store;

    /**
     * A processor.
     *
     * @param storeName name of the global store: text keys, encoded values
     * @param topic how the topic is read
     * @param stored how the store is written
     * @param undecodable counts what cannot be decoded
     * @param changes counts what has been written to the store, after it has been
     */
    public GlobalStoreProcessor(
            String storeName, Serde<T> topic, AvroSerde<T> stored, Counter undecodable, Counter changes) {
        this.storeName = storeName;
        this.topic = topic;
        this.stored = stored;
        this.undecodable = undecodable;
        this.changes = changes;
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
        store.put(record.key(), record.value() == null ? null : checked(record.key(), record.value()));
        changes.increment(); // only now: who has seen this count sees the record
    }

    private byte[] checked(String key, byte[] value) {
        try {
            T decoded = decode(value);
            return AvroSerde.isSingleObject(value) ? value : stored.encode(decoded);
        } catch (SerializationException e) {
            (undecodable.increment() == 1 ? log.atWarn() : log.atDebug())
                    .addKeyValue("store", storeName)
                    .addKeyValue("key", key)
                    .addKeyValue("reason", e.getMessage())
                    .log("A record cannot be decoded and stays unknown; further ones are only counted");
            return value;
        }
    }

    /** The thread of global stores is not replaced when it fails: it waits for the registry as long as it takes. */
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
