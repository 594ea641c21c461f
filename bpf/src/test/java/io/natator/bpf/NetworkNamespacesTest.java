package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkNamespacesTest {
    @Test
    void findsTheNamespacesOfTheProcessesInTheProcFileSystemItIsGiven(@TempDir Path proc) throws IOException {
        // Given
        Path process = Files.createDirectories(proc.resolve("4711/ns"));
        Path namespace = Files.createSymbolicLink(process.resolve("net"), Path.of("/proc/self/ns/net"));

        // When / Then
        assertThat(NetworkNamespaces.all(proc)).contains(namespace).noneMatch(file -> file.startsWith("/proc"));
    }
}
