package io.natator.bpf.libbpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class VerifierLogTest {
    @Test
    void usesTheLastUsefulLine() {
        // Given
        List<String> lines = List.of(
                "libbpf: prog 'p': BPF program load failed: Permission denied",
                "libbpf: prog 'p': -- BEGIN PROG LOAD LOG --",
                "0: R1=ctx()",
                "invalid read from stack off -8",
                "processed 5 insns (limit 1000000)",
                "-- END PROG LOAD LOG --",
                "libbpf: failed to load object");

        // When
        String summary = VerifierLog.summary(lines);

        // Then
        assertThat(summary).isEqualTo("invalid read from stack off -8 (2 lines omitted)");
    }

    @Test
    void usesTheFirstLineOfLibbpfWithoutAVerifierLog() {
        // Given
        List<String> lines = List.of("", "libbpf: Error in bpf_create_map(events)", "libbpf: failed to load object");

        // When
        String summary = VerifierLog.summary(lines);

        // Then
        assertThat(summary).isEqualTo("Error in bpf_create_map(events)");
    }

    @Test
    void isEmptyWithoutALog() {
        // When
        String summary = VerifierLog.summary(List.of());

        // Then
        assertThat(summary).isEmpty();
    }
}
