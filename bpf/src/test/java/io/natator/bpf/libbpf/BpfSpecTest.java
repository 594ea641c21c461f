package io.natator.bpf.libbpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BpfSpecTest {
    @Test
    void refusesWhatIsNotAnObject() {
        // Given
        byte[] garbage = "not an ELF file".getBytes(StandardCharsets.UTF_8);

        // When / Then
        assertThatThrownBy(() -> BpfSpec.open("garbage", garbage))
                .isInstanceOf(BpfException.class)
                .hasMessageStartingWith("BPF object not parsed: ");
    }

    @Test
    void reportsTheVerifiersReasonInOneLine() throws IOException {
        // Given
        try (BpfSpec spec = BpfSpec.open("refused", object())) {

            // When / Then
            assertThatThrownBy(spec::load)
                    .isInstanceOf(BpfException.class)
                    .hasMessageStartingWith("BPF object refused not loaded: Permission denied: ")
                    .hasMessageContaining("only read is supported")
                    .hasMessageMatching(".* \\(\\d+ lines omitted\\)");
        }
    }

    @Test
    void namesWhatTheObjectLacks() throws IOException {
        // Given
        try (BpfSpec spec = BpfSpec.open("refused", object())) {

            // When / Then
            assertThatThrownBy(() -> spec.maxEntries("sockets", 5))
                    .isInstanceOf(BpfException.class)
                    .hasMessage("BPF object not usable: it has no map named sockets");
            assertThatThrownBy(() -> spec.btf().struct("natator_record"))
                    .isInstanceOf(BpfException.class)
                    .hasMessage("BPF object not usable: it has no type named natator_record");
        }
    }

    @Test
    void isUsedUpOnceClosed() throws IOException {
        // Given
        BpfSpec spec = BpfSpec.open("refused", object());

        // When
        spec.close();
        spec.close();

        // Then
        assertThatThrownBy(spec::load).isInstanceOf(IllegalStateException.class);
    }

    private static byte[] object() throws IOException {
        try (InputStream object =
                Objects.requireNonNull(BpfSpecTest.class.getResourceAsStream("/refused.bpf.o"), "refused.bpf.o")) {
            byte[] elf = object.readAllBytes();
            assertThat(elf).isNotEmpty();
            return elf;
        }
    }
}
