package io.natator.topology.identity;

import io.natator.schemas.AvroSerde;
import io.natator.topology.state.Count;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a global store. It holds the bytes as they came: a global store has no way to the dead letters, so what cannot be
 * decoded is counted and logged here, and unknown to whoever asks.
 */
public final class EncodedRecordsProcessor implements Processor<String, byte[], Void, Void> {
    private static final Logger log = LoggerFactory.getLogger(EncodedRecordsProcessor.class);

    private final String storeName;
    private final AvroSerde<? extends SpecificRecord> serde;
    private final Count undecodable;
    private @Nullable KeyValueStore<String, byte[]> store;

    /**
     * A processor.
     *
     * @param storeName name of the global store: text keys, encoded values
     * @param serde what the values should be
     * @param undecodable counts those that are not
     */
    public EncodedRecordsProcessor(String storeName, AvroSerde<? extends SpecificRecord> serde, Count undecodable) {
        this.storeName = storeName;
        this.serde = serde;
        this.undecodable = undecodable;
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
        store.put(record.key(), record.value());
        if (record.value() != null) {
            try {
                serde.decode(record.value());
            } catch (SerializationException e) {
                if (undecodable.increment() == 1) {
                    log.atWarn()
                            .addKeyValue("store", storeName)
                            .addKeyValue("key", record.key())
                            .addKeyValue("reason", e.getMessage())
                            .log("A record cannot be decoded and stays unknown; further ones are only counted");
                }
            }
        }
    }
}
