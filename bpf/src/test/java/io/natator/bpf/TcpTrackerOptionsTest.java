package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TcpTrackerOptionsTest {
    @Test
    void reportsAllImpossibleSizesTogether() {
        assertThatThrownBy(() ->
                        new TcpTrackerOptions(Path.of("/proc"), null, 5_000, 0, -1, 1, ConnectionFilter.everything()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ring buffer of 5000 bytes")
                .hasMessageContaining("live capacity of 0")
                .hasMessageContaining("spill capacity of -1");
    }
}
