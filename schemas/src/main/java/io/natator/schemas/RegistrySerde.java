package io.natator.schemas;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Confluent wire format: a zero byte, the id of the writer's schema in the registry (4 bytes, big-endian), and the
 * record in Avro binary. The subject is {@code <topic>-value} or {@code <topic>-key}. The schema of a topic with
 * several types is their union. The serde also reads Avro's single-object encoding, which has another first byte, so a
 * topic can contain records in both formats. Thread-safe. Need not be closed.
 */
final class RegistrySerde<T extends SpecificRecord> implements Serde<T> {
    private static final Logger log = LoggerFactory.getLogger(RegistrySerde.class);
    private static final byte MAGIC = 0;
    private static final int HEADER_LENGTH = 5;

    /**
     * Maximum number of cached readers. It limits memory, because damaged records can contain many different schema
     * ids.
     */
    private static final int MAX_READERS = 1_000;

    private final AvroSerde<T> singleObject;
    private final SchemaRegistry registry;
    private final boolean isKey;
    private final DatumWriter<T> writer;
    private final Map<Integer, DatumReader<T>> readers = new ConcurrentHashMap<>();

    RegistrySerde(AvroSerde<T> singleObject, SchemaRegistry registry, boolean isKey) {
        this.singleObject = singleObject;
        this.registry = registry;
        this.isKey = isKey;
        writer = RecordBuffer.datumWriter(singleObject.schema(), singleObject.anyType());
    }

    @Override
    public Serializer<T> serializer() {
        return (topic, data) -> data == null ? null : encode(topic, data);
    }

    @Override
    public Deserializer<T> deserializer() {
        return (topic, bytes) -> bytes == null ? null : decode(bytes);
    }

    /** Obtains the id of the schema for records of the topic. Retries until the registry answers. */
    void register(String topic) {
        while (true) {
            try {
                id(topic);
                return;
            } catch (RegistryUnavailableException e) {
                log.atWarn().addKeyValue("topic", topic).log(e.getMessage());
            }
        }
    }

    private int id(String topic) {
        return registry.id(topic + (isKey ? "-key" : "-value"), singleObject.schema());
    }

    private byte[] encode(String topic, T data) {
        int id = id(topic);
        byte[] header = ByteBuffer.allocate(HEADER_LENGTH).put(MAGIC).putInt(id).array();
        try {
            return RecordBuffer.write(header, writer, data);
        } catch (IOException | RuntimeException e) {
            throw new SerializationException("cannot write a " + singleObject.typeNames() + ": " + e.getMessage(), e);
        }
    }

    private T decode(byte[] bytes) {
        if (bytes.length < HEADER_LENGTH || bytes[0] != MAGIC) {
            return singleObject.decode(bytes);
        }
        int id = ByteBuffer.wrap(bytes).getInt(1);
        DatumReader<T> reader = readers.get(id);
        if (reader == null) {
            Schema schema = singleObject.schema();
            reader = new SpecificDatumReader<>(
                    registry.schema(id), schema, SpecificData.getForSchema(singleObject.anyType()));
            if (readers.size() < MAX_READERS) {
                readers.put(id, reader);
            }
        }
        return singleObject.read(reader, bytes, HEADER_LENGTH);
    }
}
