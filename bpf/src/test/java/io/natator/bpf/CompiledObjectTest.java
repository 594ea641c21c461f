package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * BPF is the same on every processor of one byte order, and what differs between kernels is filled in where the object is
 * loaded: so the object that the tests load here is, byte for byte, what an arm64 machine loads.
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
