package io.natator.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * The buffer in which one thread encodes records. It is several times faster than Avro's own message encoder, because
 * it reuses the encoder and calls the generated classes instead of using reflection.
 */
final class RecordBuffer {
    private static final ThreadLocal<RecordBuffer> BUFFERS = ThreadLocal.withInitial(RecordBuffer::new);
    private static final int USUAL_LENGTH = 1024;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(USUAL_LENGTH);
    private final BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);

    private RecordBuffer() {}

    /**
     * Creates a writer of records of a type.
     *
     * @param schema the writer's schema: the schema of the type, or a union that contains it
     * @param type the schema of a generated class
     */
    static <T> DatumWriter<T> datumWriter(Schema schema, Schema type) {
        var data = new SpecificData();
        SpecificData.getForSchema(type).getConversions().forEach(data::addLogicalTypeConversion);
        data.setCustomCoders(true);
        return new SpecificDatumWriter<>(schema, data);
    }

    /** Returns the header followed by the record in Avro binary. */
    static <T> byte[] write(byte[] header, DatumWriter<T> writer, T data) throws IOException {
        RecordBuffer buffer = BUFFERS.get();
        boolean done = false;
        try {
            buffer.out.write(header);
            writer.write(data, buffer.encoder);
            buffer.encoder.flush();
            byte[] bytes = buffer.out.toByteArray();
            buffer.out.reset();
            done = bytes.length <= USUAL_LENGTH * USUAL_LENGTH;
            return bytes;
        } finally {
            if (!done) {
                BUFFERS.remove(); // discard the buffer, which contains a part of a record or has become very large
            }
        }
    }
}
