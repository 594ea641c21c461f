package io.natator.schemas;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Avro single-object encoding (Avro specification 1.12, "Single-object encoding"): {@code C3 01}, the CRC-64-AVRO
 * fingerprint of the writer's schema, little-endian, and the record in Avro binary. No schema registry is needed.
 *
 * <p>Null is a tombstone: it is serialized to null and deserialized from null. For bytes that cannot be decoded, the
 * deserializer throws {@link SerializationException} with a message for a person. Thread-safe. Need not be closed.
 *
 * @param <T> type of the records
 */
public final class AvroSerde<T extends SpecificRecord> implements Serde<T> {
    private static final byte[] MARKER = {(byte) 0xC3, 0x01};
    private static final int HEADER_LENGTH = 10;

    private final Map<Schema, Writer<T>> writers;
    private final Map<Long, DatumReader<T>> readers = new HashMap<>();
    private final String typeNames;
    private final List<Schema> types;

    private AvroSerde(List<Schema> types) {
        AvroSafety.install();
        this.types = types;
        typeNames = types.stream().map(Schema::getName).collect(Collectors.joining(" or "));
        writers = types.stream().collect(Collectors.toUnmodifiableMap(Function.identity(), Writer<T>::new));
        for (Schema type : types) {
            ReleasedSchemas.of(type).forEach(writer -> addReader(writer, type));
            addReader(type, type);
        }
    }

    /** Writes records of one type: first the header, then the record. */
    private static final class Writer<T extends SpecificRecord> {
        private final byte[] header;
        private final DatumWriter<T> records;

        Writer(Schema type) {
            header = ByteBuffer.allocate(HEADER_LENGTH)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(MARKER)
                    .putLong(SchemaNormalization.parsingFingerprint64(type))
                    .array();
            records = RecordBuffer.datumWriter(type, type);
        }

        byte[] write(T data) throws IOException {
            return RecordBuffer.write(header, records, data);
        }
    }

    private void addReader(Schema writer, Schema type) {
        readers.put(
                SchemaNormalization.parsingFingerprint64(writer),
                new SpecificDatumReader<>(writer, type, SpecificData.getForSchema(type)));
    }

    /**
     * Creates a serde of one generated class. It also reads records that earlier releases wrote.
     *
     * @param schema the class's {@code SCHEMA$}
     */
    public static <T extends SpecificRecord> AvroSerde<T> of(Schema schema) {
        return new AvroSerde<>(List.of(schema));
    }

    /** Creates a serde of a topic with several types of records. The fingerprint in a record identifies its type. */
    static AvroSerde<SpecificRecord> ofAny(Schema... schemas) {
        return new AvroSerde<>(List.of(schemas));
    }

    @Override
    public Serializer<T> serializer() {
        return (topic, data) -> data == null ? null : encode(data);
    }

    @Override
    public Deserializer<T> deserializer() {
        return (topic, bytes) -> bytes == null ? null : decode(bytes);
    }

    /**
     * Encodes a record. Equal records without maps give equal bytes, so that they can be keys.
     *
     * @throws SerializationException if the record is of another type or not complete
     */
    public byte[] encode(T data) {
        Writer<T> writer = writers.get(data.getSchema());
        if (writer == null) {
            throw new SerializationException(
                    "cannot write a " + data.getSchema().getName() + ": this serde is for " + typeNames);
        }
        try {
            return writer.write(data);
        } catch (IOException | RuntimeException e) {
            throw new SerializationException("cannot write a " + typeNames + ": " + e.getMessage(), e);
        }
    }

    /** Whether the bytes have the marker of single-object encoding. */
    public static boolean isSingleObject(byte[] bytes) {
        return bytes.length >= HEADER_LENGTH && bytes[0] == MARKER[0] && bytes[1] == MARKER[1];
    }

    /**
     * Decodes a record.
     *
     * @throws SerializationException if the bytes are no single-object encoding of a known schema, or if they are
     *     shorter or longer than the record
     */
    public T decode(byte[] bytes) {
        if (bytes.length > 5 && bytes[0] == 0) {
            throw new SerializationException("not a " + typeNames + " in single-object encoding: it seems to be written"
                    + " with a schema registry: set it for this reader too (--schema-registry-url)");
        }
        if (!isSingleObject(bytes)) {
            throw new SerializationException("not a " + typeNames + ": the " + bytes.length
                    + " bytes do not start with the marker C3 01 of Avro's single-object encoding");
        }
        long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
        DatumReader<T> reader = readers.get(fingerprint);
        if (reader == null) {
            throw new SerializationException("not a " + typeNames + ": the schema fingerprint "
                    + String.format("%016x", fingerprint)
                    + " is unknown; if its writer is newer, update the natator-schemas library of this reader");
        }
        return read(reader, bytes, HEADER_LENGTH);
    }

    /** The reader's schema: the schema of the type, or the union of the schemas if there are several types. */
    Schema schema() {
        return types.size() == 1 ? types.getFirst() : Schema.createUnion(types);
    }

    /** The schema of one of the types, no matter which. */
    Schema anyType() {
        return types.getFirst();
    }

    /** The names of the types, for error messages. */
    String typeNames() {
        return typeNames;
    }

    /**
     * Reads the record that follows a header.
     *
     * @throws SerializationException if the bytes are damaged, or shorter or longer than the record
     */
    T read(DatumReader<T> reader, byte[] bytes, int headerLength) {
        BinaryDecoder decoder =
                DecoderFactory.get().binaryDecoder(bytes, headerLength, bytes.length - headerLength, null);
        T data;
        boolean atEnd;
        try {
            data = reader.read(null, decoder);
            atEnd = decoder.isEnd();
        } catch (IOException | RuntimeException e) {
            // Avro throws exceptions of many types for damaged bytes, so catch them all.
            throw new SerializationException("not a whole " + typeNames + ": " + e, e);
        }
        if (!atEnd) {
            throw new SerializationException("not a " + typeNames + ": bytes follow the record");
        }
        return data;
    }
}
