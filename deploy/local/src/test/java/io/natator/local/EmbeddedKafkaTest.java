package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {
    @Test
    void dataSurvivesARestart(@TempDir Path directory) throws Exception {
        // Given
        try (var kafka = EmbeddedKafka.start(directory, 0);
                Admin admin = admin(kafka)) {
            admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1)))
                    .all()
                    .get();
        }

        // When
        Set<String> topics;
        try (var kafka = EmbeddedKafka.start(directory, 0);
                Admin admin = admin(kafka)) {
            topics = admin.listTopics().names().get();
        }

        // Then
        assertThat(topics).contains("kept");
    }

    @Test
    void reportsAPortInUse(@TempDir Path directory) throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();

            assertThatThrownBy(() -> EmbeddedKafka.start(directory, port))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("port " + port + " is taken")
                    .hasMessageContaining("--kafka-port");
            assertThat(directory).isEmptyDirectory();
        }
    }

    @Test
    void reportsAnUnusableFolder(@TempDir Path directory) {
        Path file = directory.resolve("file");

        assertThatThrownBy(() -> EmbeddedKafka.start(java.nio.file.Files.createFile(file), 0))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("--data-directory");
    }

    private static Admin admin(EmbeddedKafka kafka) {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }
}
