package io.natator.topology.identity;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.state.TopologyStatistics;
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
 * Keeps the global store of identities. It holds the bytes as they came: a global store has no way to the dead letters,
 * so what cannot be decoded is counted and logged here, and unknown to whoever asks.
 */
public final class IdentityProcessor implements Processor<String, byte[], Void, Void> {
    /** Name of the global store: text keys, encoded values. */
    public static final String STORE = "identities";

    private static final Logger log = LoggerFactory.getLogger(IdentityProcessor.class);

    private final TopologyStatistics statistics;
    private final AvroSerde<SpecificRecord> serde = NatatorSerdes.identity();
    private @Nullable KeyValueStore<String, byte[]> store;

    /**
     * A processor.
     *
     * @param statistics counts what cannot be decoded
     */
    public IdentityProcessor(TopologyStatistics statistics) {
        this.statistics = statistics;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        store = context.getStateStore(STORE);
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
                if (statistics.undecodableIdentities.increment() == 1) {
                    log.atWarn()
                            .addKeyValue("key", record.key())
                            .addKeyValue("reason", e.getMessage())
                            .log("An identity cannot be decoded and stays unknown; further ones are only counted");
                }
            }
        }
    }
}
