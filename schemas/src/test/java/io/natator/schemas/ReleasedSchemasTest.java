package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidatorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests that schemas only change in a compatible way (BACKWARD_TRANSITIVE): the present classes can read the records of
 * every earlier release.
 */
class ReleasedSchemasTest {
    private static final Path RELEASED = Path.of("src/main/resources/io/natator/schemas/released");

    static Stream<Schema> topicSchemas() {
        return Stream.of(
                ConnectionSnapshot.getClassSchema(),
                AddressOwners.getClassSchema(),
                Identity.getClassSchema(),
                IdentityProgress.getClassSchema(),
                PodRanges.getClassSchema(),
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

    /** Checks the table in schemas/README.md, which developers without Java need. */
    @Test
    void readmeListsEveryReleaseByItsFingerprint() throws IOException {
        // Given
        List<String> expected;
        try (Stream<Path> files = Files.list(RELEASED)) {
            expected = files.sorted().map(ReleasedSchemasTest::row).toList();
        }

        // When
        List<String> rows = Files.readAllLines(Path.of("README.md")).stream()
                .filter(line -> line.contains(".avsc]("))
                .map(line -> line.replaceFirst("\\| [^|]* \\|$", "|"))
                .toList();

        // Then
        assertThat(rows).containsExactlyElementsOf(expected);
    }

    private static String row(Path file) {
        try {
            // Each file gets a new parser, so that a type that is missing in the file makes the test fail.
            long fingerprint =
                    SchemaNormalization.parsingFingerprint64(new Schema.Parser().parse(Files.readString(file)));
            byte[] written = ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(fingerprint)
                    .array();
            return "| `%s` | `%016x` | [%s](%s) |"
                    .formatted(
                            HexFormat.ofDelimiter(" ").withUpperCase().formatHex(written),
                            fingerprint,
                            file.getFileName(),
                            file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyReleasedFileIsOfATypeOnATopic() throws IOException {
        List<String> names = topicSchemas().map(Schema::getName).toList();

        try (Stream<Path> files = Files.list(RELEASED)) {
            assertThat(files)
                    .allSatisfy(file -> assertThat(names)
                            .contains(file.getFileName().toString().replaceFirst("-\\d+\\.avsc$", "")));
        }
    }
}
