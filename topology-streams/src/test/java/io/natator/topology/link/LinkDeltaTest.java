package io.natator.topology.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.junit.jupiter.api.Test;

/** Tests that this version can read deltas that an earlier release has written to the repartition topic. */
class LinkDeltaTest {
    private static Schema released(int version) throws IOException {
        try (InputStream in = Objects.requireNonNull(
                LinkDelta.class.getResourceAsStream("released/StoredLinkDelta-" + version + ".avsc"))) {
            return new Schema.Parser().parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void deltaWrittenByTheFirstReleaseIsRead() throws IOException {
        // Given
        var old = new GenericRecordBuilder(released(1)).set("failure", "RESET").set("rttSamples", List.of(5L));
        for (Schema.Field field : released(1).getFields()) {
            if (field.schema().getType() == Schema.Type.LONG) {
                old.set(field, (long) field.pos());
            }
        }
        var bytes = new ByteArrayOutputStream();
        new BinaryMessageEncoder<>(GenericData.get(), released(1)).encode(old.build(), bytes);

        // When
        LinkDelta read = new LinkDeltaSerde().decode(bytes.toByteArray());

        // Then
        assertThat(read.span().until()).isEqualTo(1);
        assertThat(read.failure()).isEqualTo("RESET");
        assertThat(read.labels().clientOwner()).isEmpty();
        assertThat(read.labels().dialledPort()).isZero();
    }

    @Test
    void todaysSchemaIsTheLatestReleased() throws IOException {
        assertThat(released(3)).isEqualTo(StoredLinkDelta.getClassSchema());
    }
}
