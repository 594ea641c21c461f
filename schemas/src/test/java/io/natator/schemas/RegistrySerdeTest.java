package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the serde with a real registry. Each test uses different topics. */
class RegistrySerdeTest {
    private static RegistryServer server;
    private SchemaRegistry writing;
    private SchemaRegistry reading;

    @BeforeAll
    static void startRegistry() throws Exception {
        server = RegistryServer.start();
    }

    @AfterAll
    static void stopRegistry() throws Exception {
        server.close();
    }

    @BeforeEach
    void connect() {
        writing = new SchemaRegistry(RegistryConfig.at(server.url()));
        reading = new SchemaRegistry(RegistryConfig.at(server.url()));
    }

    @AfterEach
    void disconnect() {
        writing.close();
        reading.close();
    }

    @Test
    void aNewReaderReadsWhatWasWritten() throws Exception {
        // Given
        ConnectionSnapshot snapshot = AvroSerdeTest.snapshot();

        // When
        byte[] bytes = TopicSerdes.of(writing).connectionSnapshot().serializer().serialize("a", snapshot);

        // Then
        assertThat(TopicSerdes.of(reading).connectionSnapshot().deserializer().deserialize("a", bytes))
                .isEqualTo(snapshot);
        assertThat(bytes[0]).isZero();
        int id = ByteBuffer.wrap(bytes).getInt(1);
        assertThat(get("/subjects/a-value/versions/latest")).contains("\"id\":" + id);
        assertThat(get("/config/a-value")).contains("BACKWARD_TRANSITIVE");
    }

    @Test
    void anyClientWithAvroAndTheRegistryCanRead() throws Exception {
        // Given
        LinkKey link = new LinkKey(
                new Workload("shop", "default", "Deployment", "", "", ""),
                new Workload("db", "default", "StatefulSet", "", "", ""),
                5432,
                Protocol.TCP,
                "default/db");
        byte[] bytes = TopicSerdes.of(writing).linkKey().serializer().serialize("b", link);

        // When
        Schema schema = reading.schema(ByteBuffer.wrap(bytes).getInt(1));
        GenericData.Record read = new GenericDatumReader<GenericData.Record>(schema)
                .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));

        // Then
        assertThat(get("/subjects/b-key/versions/latest")).contains("LinkKey");
        assertThat(((GenericData.Record) read.get("server")).get("name")).hasToString("db");
        assertThat(read.get("serverPort")).isEqualTo(5432);
    }

    @Test
    void oneTopicMayHaveBothEncodings() {
        // Given
        ConnectionSnapshot snapshot = AvroSerdeTest.snapshot();
        Serde<ConnectionSnapshot> serde = TopicSerdes.of(writing).connectionSnapshot();

        // When
        byte[] before = NatatorSerdes.connectionSnapshot().encode(snapshot);
        byte[] after = serde.serializer().serialize("c", snapshot);

        // Then
        assertThat(List.of(before, after))
                .allSatisfy(bytes ->
                        assertThat(serde.deserializer().deserialize("c", bytes)).isEqualTo(snapshot));
        assertThatThrownBy(() -> NatatorSerdes.connectionSnapshot().decode(after))
                .hasMessageContaining("schema registry");
    }

    @Test
    void typesOfOneTopicAreOneUnion() throws Exception {
        // Given
        Serde<SpecificRecord> serde = TopicSerdes.of(writing).identity();
        Identity node = Identity.newBuilder()
                .setKind("Node")
                .setName("node-1")
                .setWorkload(new ObjectRef("Node", "", "node-1"))
                .build();
        AddressOwners owners = new AddressOwners(List.of(new Ownership(node, Instant.EPOCH, null)), null);

        // When
        byte[] nodeBytes = serde.serializer().serialize("d", node);
        byte[] ownersBytes = serde.serializer().serialize("d", owners);

        // Then
        Serde<SpecificRecord> reader = TopicSerdes.of(reading).identity();
        assertThat(reader.deserializer().deserialize("d", nodeBytes)).isEqualTo(node);
        assertThat(reader.deserializer().deserialize("d", ownersBytes)).isEqualTo(owners);
        assertThat(get("/subjects/d-value/versions")).isEqualTo("[1]");
    }

    @Test
    void readsRecordsOfAnEarlierRelease() {
        // Given
        Schema released = ReleasedSchemas.of(LinkTotals.getClassSchema()).getFirst();
        LinkTotals totals = LinkTotals.newBuilder()
                .setFirstSeen(Instant.EPOCH)
                .setLastSeen(Instant.EPOCH)
                .setBytesToServer(7)
                .build();

        // When
        int id = writing.id("e-value", released);
        byte[] bytes = TopicSerdes.of(writing).linkTotals().serializer().serialize("e", totals);

        // Then
        assertThat(reading.schema(id).getName()).isEqualTo("LinkTotals");
        assertThat(TopicSerdes.of(reading).linkTotals().deserializer().deserialize("e", bytes))
                .isEqualTo(totals);
    }

    @Test
    void theRegistryRefusesAnIncompatibleSchema() {
        Schema before = new Schema.Parser()
                .parse("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"x\",\"type\":\"long\"}]}");
        Schema after = new Schema.Parser()
                .parse("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"x\",\"type\":\"string\"}]}");
        writing.id("f-value", before);

        assertThatThrownBy(() -> writing.id("f-value", after))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("f-value")
                .hasMessageContaining("409");
    }

    @Test
    void registersNothingIfOthersDo() {
        var config = RegistryConfig.of(Map.of(RegistryConfig.URL, server.url(), "auto.register.schemas", "false"));
        try (var registry = new SchemaRegistry(config)) {
            Schema schema = LinkKey.getClassSchema();

            assertThatThrownBy(() -> registry.id("g-value", schema))
                    .hasMessageContaining("not registered under g-value");
            assertThat(registry.id("g-value", registered("g-value", schema))).isPositive();
        }
    }

    private Schema registered(String subject, Schema schema) {
        writing.id(subject, schema);
        return schema;
    }

    @Test
    void unknownIdIsNamed() {
        Serde<ConnectionSnapshot> serde = TopicSerdes.of(reading).connectionSnapshot();

        assertThatThrownBy(() -> serde.deserializer().deserialize("h", new byte[] {0, 0, 15, 66, 64, 1, 2, 3}))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("no schema 1000000");
    }

    @Test
    void damagedBytesGiveARecordOrASerializationException() {
        Serde<ConnectionSnapshot> serde = TopicSerdes.of(writing).connectionSnapshot();
        byte[] bytes = serde.serializer().serialize("i", AvroSerdeTest.snapshot());
        var random = new SplittableRandom(5);

        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> serde.deserializer().deserialize("i", part))
                    .as("%d of %d bytes", part.length, bytes.length)
                    .isInstanceOf(SerializationException.class);
        }
        for (int round = 0; round < 5_000; round++) {
            byte[] damaged = bytes.clone();
            damaged[5 + random.nextInt(damaged.length - 5)] = (byte) random.nextInt();
            Throwable thrown = catchThrowable(() -> serde.deserializer().deserialize("i", damaged));
            assertThat(thrown == null || thrown instanceof SerializationException)
                    .as("%s", thrown)
                    .isTrue();
        }
    }

    private static String get(String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(server.url() + path)).build();
            return http.send(request, BodyHandlers.ofString()).body();
        }
    }
}
