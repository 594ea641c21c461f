package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * BPF is the same on every processor of one byte order, and libbpf fills in the differences between kernels at the load. So the
 * object that the tests load here is, byte for byte, the one that an arm64 machine loads.
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
