package io.natator.topology.identity;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.RegistryUnavailableException;
import io.natator.schemas.TopicSerdes;
import io.natator.topology.state.TopologyStatistics;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the global store of identities, in single-object encoding whatever the topic's framing. A global store has no way
 * to the dead letters, so what cannot be decoded is counted and logged here, kept as it came, and unknown to whoever
 * asks.
 */
public final class IdentityProcessor implements Processor<String, byte[], Void, Void> {
    /** Name of the global store: text keys, encoded values. */
    public static final String STORE = "identities";

    private static final Logger log = LoggerFactory.getLogger(IdentityProcessor.class);

    private final TopologyStatistics statistics;
    private final Deserializer<SpecificRecord> topic;
    private final AvroSerde<SpecificRecord> stored = NatatorSerdes.identity();
    private @Nullable KeyValueStore<String, byte[]> store;

    /**
     * A processor.
     *
     * @param statistics counts what cannot be decoded
     * @param serdes how the topic is read
     */
    public IdentityProcessor(TopologyStatistics statistics, TopicSerdes serdes) {
        this.statistics = statistics;
        topic = serdes.identity().deserializer();
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
        store.put(record.key(), record.value() == null ? null : checked(record.key(), record.value()));
    }

    private byte[] checked(String key, byte[] value) {
        try {
            SpecificRecord identity = decode(value);
            return AvroSerde.isSingleObject(value) ? value : stored.encode(identity);
        } catch (SerializationException e) {
            (statistics.undecodableIdentities.increment() == 1 ? log.atWarn() : log.atDebug())
                    .addKeyValue("key", key)
                    .addKeyValue("reason", e.getMessage())
                    .log("An identity cannot be decoded and stays unknown; further ones are only counted");
            return value;
        }
    }

    /** The thread of global stores is not replaced when it fails: it waits for the registry as long as it takes. */
    private SpecificRecord decode(byte[] value) {
        while (true) {
            try {
                return topic.deserialize("", value);
            } catch (RegistryUnavailableException e) {
                log.atWarn().log(e.getMessage());
            }
        }
    }
}
