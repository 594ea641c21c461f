package io.natator.topology.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.junit.jupiter.api.Test;

class EntrySerdeTest {
    @Test
    void entryStoredByTheFirstVersionIsRead() throws IOException {
        // Given
        Schema first;
        try (InputStream file =
                Objects.requireNonNull(EntrySerde.class.getResourceAsStream("released/StoredEntry-1.avsc"))) {
            first = new Schema.Parser().parse(file);
        }
        GenericRecord counted = new GenericData.Record(first.getField("counted").schema());
        counted.getSchema().getFields().forEach(field -> counted.put(field.name(), 5L));
        GenericRecord stored = new GenericRecordBuilder(first)
                .set("stage", new GenericData.EnumSymbol(first.getField("stage").schema(), "SETTLED"))
                .set("alone", true)
                .set("counted", counted)
                .set("rttSamples", List.of())
                .set("heardAt", 1L)
                .set("dueAt", 2L)
                .build();
        ByteBuffer encoded = new BinaryMessageEncoder<GenericRecord>(GenericData.get(), first).encode(stored);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);

        // When
        Entry entry = new EntrySerde().deserializer().deserialize("", bytes);

        // Then
        assertThat(entry.attributed().traffic().bytesToServer()).isEqualTo(5);
        assertThat(entry.dueAt()).isEqualTo(2);
        assertThat(entry.atLastEvent()).isEqualTo(AttributedCounters.NONE);
    }
}
