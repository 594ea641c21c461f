package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExistingKafkaTest {
    @Test
    void runsAndRestartsOnAnExistingKafka(@TempDir Path directory) {
        try (var kafka = EmbeddedKafka.start(directory.resolve("other"), 0)) {
            // Given
            Path data = directory.resolve("data");
            var config = LocalConfigs.onFreePorts(
                    "--bootstrap-servers=" + kafka.bootstrapServers(),
                    "--topic-prefix=mine.",
                    "--data-directory=" + data,
                    "--no-kubernetes");
            long before;
            try (var first = LocalPipeline.start(config, line -> {})) {
                before = awaitBytes(first);
            }

            // When
            long after;
            try (var second = LocalPipeline.start(config, line -> {})) {
                after = awaitBytes(second);
            }

            // Then
            assertThat(after).isGreaterThanOrEqualTo(before);
            assertThat(data.resolve("kafka")).doesNotExist();
        }
    }

    /** Waits until data is flowing, and returns the bytes of all links. */
    private static long awaitBytes(LocalPipeline pipeline) {
        var reader = new PipelineReader(pipeline.httpPort(), pipeline.bootstrapServers());
        await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            assertThat(reader.get("/readyz").statusCode()).isEqualTo(200);
            assertThat(reader.bytes()).isPositive();
        });
        return reader.bytes();
    }
}
