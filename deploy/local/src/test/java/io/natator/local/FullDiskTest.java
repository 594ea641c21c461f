package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code deploy/local/up} in a process of its own, because the embedded Kafka ends the process. */
@Timeout(120)
class FullDiskTest {
    @TempDir
    private Path directory;

    private Path disk;
    private Path output;

    @BeforeEach
    void mountASmallDisk() throws Exception {
        disk = Files.createDirectory(directory.resolve("disk"));
        output = directory.resolve("output");
        run("mount", "-t", "tmpfs", "-o", "size=150m", "tmpfs", disk.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private ServiceProcess start() throws IOException {
        return ServiceProcess.start(
                List.of("-Xmx512m"),
                LocalMain.class.getName(),
                List.of(
                        "--data-directory=" + disk.resolve("data"),
                        "--kafka-port=0",
                        "--http-port=0",
                        "--collector-http-port=0",
                        "--no-kubernetes"),
                output);
    }

    private void fill() throws IOException {
        try (OutputStream ballast = Files.newOutputStream(disk.resolve("ballast"))) {
            byte[] block = new byte[4096];
            while (true) {
                ballast.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    @Test
    void endsWithOneLineWithTheCauseWhenTheDiskIsFull() throws Exception {
        // Given
        try (ServiceProcess up = start()) {
            Awaitility.await()
                    .atMost(60, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(output).content().contains("natator: ready"));

            // When
            fill();

            // Then
            assertEndsWithTheCause(up);
        }

        // When it is started again without space
        try (ServiceProcess again = start()) {
            // Then
            assertEndsWithTheCause(again);
        }
    }

    private void assertEndsWithTheCause(ServiceProcess up) throws Exception {
        assertThat(up.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(up.process().exitValue()).isEqualTo(1);
        assertThat(Files.readAllLines(output))
                .filteredOn(line -> line.matches("natator: .*(full|[Nn]o space).*"))
                .hasSize(1);
    }
}
