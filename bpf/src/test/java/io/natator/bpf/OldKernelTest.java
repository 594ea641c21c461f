package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.natator.bpf.libbpf.Support;
import org.junit.jupiter.api.Test;

/**
 * Tests that kernels before 5.12 are refused. The tests are skipped on other kernels; bpf/test-kernels boots Linux
 * 5.10.
 */
class OldKernelTest {
    @Test
    void isRefusedInOneLineWithTheReason() {
        // Given
        assumeThat(KernelFeature.probe().get(KernelFeature.ATOMIC_FETCH))
                .as("this kernel has atomic operations with fetch")
                .isEqualTo(Support.NO);

        // When / Then
        assertThatThrownBy(() -> TcpTracker.open(TcpTrackerOptions.defaults()))
                .isInstanceOfSatisfying(
                        MissingPrerequisiteException.class,
                        refused -> assertThat(refused.problems())
                                .singleElement()
                                .asString()
                                .startsWith(
                                        "BPF programs not loaded: Linux " + System.getProperty("os.version") + " has ")
                                .contains("no atomic operations with fetch in BPF (Linux 5.12)")
                                .contains("no socket cookies in tracing programs (Linux 5.12)")
                                .endsWith("use Linux 5.15 or later (RHEL 9: 5.14) with CONFIG_DEBUG_INFO_BTF=y")
                                .doesNotContain("\n"));
    }
}
