package io.natator.bpf.libbpf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KernelProbeTest {
    @Test
    void reportsAFeatureThatNoKernelHasAsMissing() {
        try (KernelProbe probe = new KernelProbe()) {
            assertThat(probe.typedTracepoint("no_such_tracepoint")).isEqualTo(Support.NO);
            assertThat(probe.iterator("no_such_iterator")).isEqualTo(Support.NO);
        }
    }
}
