package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that the objects for arm64 are byte for byte the same as the objects for amd64, which the other tests load. BPF
 * code is the same for all processors with the same byte order, and libbpf adapts it to the kernel when it loads the
 * object.
 */
class CompiledObjectTest {
    @ParameterizedTest
    @ValueSource(strings = {"tcp", "tcp_typed", "udp_fentry", "udp_cgroup"})
    void isTheSameForArm64(String object) throws IOException {
        assertThat(bytes(object + "-aarch64")).isEqualTo(bytes(object + "-amd64"));
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream file = CompiledObject.class.getResourceAsStream(name + ".bpf.o")) {
            return Objects.requireNonNull(file, name).readAllBytes();
        }
    }
}
