package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.libbpf.BpfSpec;
import io.natator.bpf.libbpf.Btf;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordLayoutTest {
    @ParameterizedTest
    @ValueSource(strings = {"udp_fentry-amd64", "udp_fentry-aarch64", "udp_cgroup-amd64", "udp_cgroup-aarch64"})
    void readsStructsOfUdpAsTheObjectLaysThemOut(String name) throws IOException {
        // Given
        List<StructLayout> layouts = List.of(
                RecordLayout.RECORD,
                FoldLayout.KEY,
                FoldLayout.VALUE,
                FlowReader.KEY,
                FlowReader.FLOW,
                DnsAnswerReader.ANSWER);

        // When
        try (InputStream object = Objects.requireNonNull(TcpTracker.class.getResourceAsStream(name + ".bpf.o"), name);
                BpfSpec spec = BpfSpec.open("natator_udp", object.readAllBytes())) {
            Btf types = spec.btf();

            // Then
            for (StructLayout layout : layouts) {
                String struct = layout.name().orElseThrow();
                assertThat(types.struct(struct)).isEqualTo(struct(struct, layout));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"amd64", "aarch64"})
    void readsStructsAsTheObjectLaysThemOut(String architecture) throws IOException {
        // Given
        List<StructLayout> layouts =
                List.of(RecordLayout.RECORD, RecordLayout.SPILL_KEY, FoldLayout.KEY, FoldLayout.VALUE);

        // When
        try (BpfSpec spec = BpfSpec.open("natator", object(architecture))) {
            Btf types = spec.btf();

            // Then
            for (StructLayout layout : layouts) {
                String name = layout.name().orElseThrow();
                assertThat(types.struct(name)).isEqualTo(struct(name, layout));
            }
        }
    }

    private static byte[] object(String architecture) throws IOException {
        String name = "tcp-" + architecture + ".bpf.o";
        try (InputStream object = Objects.requireNonNull(TcpTracker.class.getResourceAsStream(name), name)) {
            return object.readAllBytes();
        }
    }

    private static Btf.Struct struct(String name, StructLayout layout) {
        List<Btf.Member> members = new ArrayList<>();
        long offset = 0;
        for (MemoryLayout member : layout.memberLayouts()) {
            members.add(new Btf.Member(member.name().orElseThrow(), (int) offset, (int) member.byteSize()));
            offset += member.byteSize();
        }
        return new Btf.Struct(name, (int) layout.byteSize(), members);
    }
}
