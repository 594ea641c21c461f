package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidatorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Evolution is BACKWARD_TRANSITIVE: today's classes read what every release has written. */
class ReleasedSchemasTest {
    static Stream<Schema> topicSchemas() {
        return Stream.of(
                ConnectionSnapshot.getClassSchema(),
                AddressOwners.getClassSchema(),
                Identity.getClassSchema(),
                DnsName.getClassSchema(),
                LinkKey.getClassSchema(),
                LinkTotals.getClassSchema(),
                LinkWindowKey.getClassSchema(),
                LinkWindow.getClassSchema());
    }

    @ParameterizedTest
    @MethodSource("topicSchemas")
    void todaysClassReadsEveryRelease(Schema today) throws SchemaValidationException {
        List<Schema> released = ReleasedSchemas.of(today);

        assertThat(released).as("released versions of %s", today.getName()).isNotEmpty();
        new SchemaValidatorBuilder().canReadStrategy().validateAll().validate(today, released);
    }

    @ParameterizedTest
    @MethodSource("topicSchemas")
    void aChangedSchemaIsReleasedAsANewVersion(Schema today) {
        assertThat(ReleasedSchemas.of(today).getLast())
                .as("after a change, add the next version: %s", today)
                .isEqualTo(today);
    }

    @Test
    void everyReleasedFileIsOfATypeOnATopic() throws IOException {
        List<String> names = topicSchemas().map(Schema::getName).toList();

        try (Stream<Path> files = Files.list(Path.of("src/main/resources/io/natator/schemas/released"))) {
            assertThat(files)
                    .allSatisfy(file -> assertThat(names)
                            .contains(file.getFileName().toString().replaceFirst("-\\d+\\.avsc$", "")));
        }
    }
}
