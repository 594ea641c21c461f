package io.natator.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvroSerdeTest {
    private final AvroSerde<ConnectionSnapshot> serde = NatatorSerdes.connectionSnapshot();

    @Test
    void readsWhatItWrote() {
        // Given
        ConnectionSnapshot snapshot = snapshot();

        // When
        ConnectionSnapshot read = serde.decode(serde.encode(snapshot));

        // Then
        assertThat(read).isEqualTo(snapshot);
    }

    @Test
    void nullIsATombstoneBothWays() {
        assertThat(serde.serializer().serialize("t", null)).isNull();
        assertThat(serde.deserializer().deserialize("t", null)).isNull();
    }

    @Test
    void fingerprintIdentifiesTheTypeOfARecord() {
        // Given
        AvroSerde<SpecificRecord> identities = NatatorSerdes.identity();
        Identity node = Identity.newBuilder()
                .setKind("Node")
                .setName("node-1")
                .setWorkload(new ObjectRef("Node", "", "node-1"))
                .build();
        AddressOwners owners = new AddressOwners(java.util.List.of(new Ownership(node, Instant.EPOCH, null)), null);

        // When
        SpecificRecord readNode = identities.decode(identities.encode(node));
        SpecificRecord readOwners = identities.decode(identities.encode(owners));

        // Then
        assertThat(readNode).isEqualTo(node);
        assertThat(readOwners).isEqualTo(owners);
    }

    @Test
    void unknownFingerprintIsNamed() {
        byte[] bytes = serde.encode(snapshot());
        bytes[2]++;

        assertThatThrownBy(() -> serde.decode(bytes))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("unknown");
    }

    @Test
    void trailingBytesAreRefused() {
        byte[] bytes = serde.encode(snapshot());
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 3);

        assertThatThrownBy(() -> serde.decode(longer)).hasMessageContaining("bytes follow");
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] bytes = serde.encode(snapshot());

        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> serde.decode(part))
                    .as("%d of %d bytes", length, bytes.length)
                    .isInstanceOf(SerializationException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void damagedBytesGiveARecordOrASerializationException(long seed) {
        RandomGenerator random = new java.util.SplittableRandom(seed);
        byte[] bytes = serde.encode(snapshot());

        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = bytes.clone();
            for (int i = 0; i < 1 + random.nextInt(8); i++) {
                damaged[10 + random.nextInt(damaged.length - 10)] = (byte) random.nextInt();
            }
            Throwable thrown = org.assertj.core.api.Assertions.catchThrowable(() -> serde.decode(damaged));
            if (thrown != null) {
                assertThat(thrown)
                        .isInstanceOf(SerializationException.class)
                        .hasMessageContaining("ConnectionSnapshot");
            }
        }
    }

    static ConnectionSnapshot snapshot() {
        return ConnectionSnapshot.newBuilder()
                .setNode("node-1")
                .setBootId("b")
                .setSocketCookie(7)
                .setProtocol(Protocol.TCP)
                .setRole(Role.CLIENT)
                .setState(ConnectionState.OPEN)
                .setCloseReason(CloseReason.NONE)
                .setLocalAddress(ByteBuffer.wrap(new byte[] {10, 0, 0, 1}))
                .setLocalPort(40_000)
                .setRemoteAddress(ByteBuffer.wrap(new byte[] {10, 0, 0, 2}))
                .setRemotePort(80)
                .setOwner(SocketOwner.newBuilder().setCommand("curl").build())
                .setStartedAt(Instant.ofEpochSecond(1_700_000_000, 1_000))
                .setObservedAt(Instant.ofEpochSecond(1_700_000_001))
                .setBytesSent(1234)
                .build();
    }
}
