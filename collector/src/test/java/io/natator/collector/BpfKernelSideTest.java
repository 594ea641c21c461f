package io.natator.collector;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpfKernelSideTest {
    @Test
    void readsTheProcFileSystemThatIsConfigured(@TempDir Path proc) throws IOException {
        // Given
        Files.createDirectory(proc.resolve("self"));
        Files.writeString(proc.resolve("self/status"), "CapEff:\t0000000000000000\n");
        CollectorConfig config = Configs.collector("localhost:9092", "natator.", 100, "--proc-root=" + proc);

        // When / Then
        assertThatThrownBy(() -> new BpfKernelSide().open(config))
                .isInstanceOf(CollectorStartException.class)
                .hasMessageContaining("lacks CAP_BPF and CAP_PERFMON");
    }
}
