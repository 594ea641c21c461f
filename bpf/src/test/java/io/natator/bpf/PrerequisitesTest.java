package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.bpf.libbpf.Support;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrerequisitesTest {
    private static final long BPF = 1L << 39;
    private static final long PERFMON = 1L << 38;
    private static final long SYS_ADMIN = 1L << 21;

    @Test
    void acceptsTwoCapabilitiesOrTheOldOneOrUnknownCapabilities() {
        assertThat(Prerequisites.capabilityProblems(OptionalLong.of(BPF | PERFMON)))
                .isEmpty();
        assertThat(Prerequisites.capabilityProblems(OptionalLong.of(SYS_ADMIN))).isEmpty();
        assertThat(Prerequisites.capabilityProblems(OptionalLong.empty())).isEmpty();
    }

    @Test
    void namesTheCapabilityThatIsMissing() {
        assertThat(Prerequisites.capabilityProblems(OptionalLong.of(BPF)))
                .singleElement()
                .asString()
                .contains("lacks CAP_PERFMON:")
                .contains("run it as root");
    }

    @Test
    void namesEverythingThatTheKernelLacksAndTheOldestKernelThatHasIt() {
        // Given
        Map<KernelFeature, Support> features = Map.of(
                KernelFeature.ATOMIC_FETCH, Support.NO,
                KernelFeature.SOCKET_COOKIE, Support.NO,
                KernelFeature.TYPES, Support.UNKNOWN,
                KernelFeature.RING_BUFFER, Support.YES);

        // When
        List<String> problems = Prerequisites.kernelProblems(new EnumMap<>(features), "5.10.0");

        // Then
        assertThat(problems)
                .containsExactly("BPF programs not loaded: Linux 5.10.0 has no atomic operations with fetch in BPF "
                        + "(Linux 5.12), no socket cookies in tracing programs (Linux 5.12): "
                        + "use Linux 5.15 or later (RHEL 9: 5.14) with CONFIG_DEBUG_INFO_BTF=y");
    }

    @Test
    void findsEverythingInTheRunningKernel() {
        assertThat(KernelFeature.probe())
                .hasSize(KernelFeature.values().length)
                .allSatisfy((feature, support) ->
                        assertThat(support).as(feature.name()).isEqualTo(Support.YES));
    }

    @ParameterizedTest
    @CsvSource({
        "'-all,+bpf,+perfmon', opened",
        "'-all,+bpf', lacks CAP_PERFMON",
        "'-all', lacks CAP_BPF and CAP_PERFMON",
    })
    void opensWithTheCapabilitiesItNamesAndSaysWhichOneIsMissing(String bounding, String expected) throws Exception {
        // When
        String output = runWithout(bounding, OpenTracker.class);

        // Then
        assertThat(output).contains(expected);
    }

    @ParameterizedTest
    @CsvSource({"'-all', UNKNOWN", "'-all,+bpf,+perfmon', YES"})
    void doesNotTakeAMissingPrivilegeForAMissingFeature(String bounding, String expected) throws Exception {
        // When
        String output = runWithout(bounding, ProbeKernel.class);

        // Then
        assertThat(output)
                .contains("ATOMIC_FETCH=" + expected)
                .contains("SOCKET_COOKIE=" + expected)
                .contains("kernelReads=" + expected)
                .contains("TYPES=YES");
    }

    @Test
    void readsCapabilitiesFromTheProcFileSystemItIsGiven(@TempDir Path proc) throws IOException {
        // Given
        Files.createDirectory(proc.resolve("self"));
        Files.writeString(proc.resolve("self/status"), "Name:\tjava\nCapEff:\t0000000000000000\n");

        // When / Then
        assertThatThrownBy(() -> TcpTracker.open(TcpTrackerOptions.defaults().withProcRoot(proc)))
                .isInstanceOf(MissingPrerequisiteException.class)
                .hasMessageContaining("lacks CAP_BPF and CAP_PERFMON");
        assertThatThrownBy(() ->
                        UdpTracker.open(UdpTrackers.options(UdpHooks.CGROUP).withProcRoot(proc)))
                .isInstanceOf(MissingPrerequisiteException.class)
                .hasMessageContaining("lacks CAP_BPF and CAP_PERFMON");
    }

    @Test
    void refusesToPinOutsideABpfFileSystem(@TempDir Path folder) throws IOException {
        // Given
        TcpTrackerOptions options = TcpTrackerOptions.defaults().withPinDirectory(folder.resolve("pins"));

        // When / Then
        assertThatThrownBy(() -> TcpTracker.open(options))
                .isInstanceOf(MissingPrerequisiteException.class)
                .hasMessageContaining(folder + " is not in a BPF file system")
                .hasMessageContaining("mount -t bpf bpf /sys/fs/bpf");
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    private static String runWithout(String bounding, Class<?> mainClass) throws Exception {
        Process process = new ProcessBuilder(
                        "setpriv",
                        "--bounding-set",
                        bounding,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        mainClass.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    /** Probes the kernel for all features in a new process. */
    static final class ProbeKernel {
        private ProbeKernel() {}

        public static void main(String[] arguments) {
            System.out.println(KernelFeature.probe());
            System.out.println(Lockdown.probe());
        }
    }

    /** Opens a tracker in a new process. */
    static final class OpenTracker {
        private OpenTracker() {}

        public static void main(String[] arguments) {
            try (TcpTracker tracker = TcpTracker.open(TcpTrackerOptions.defaults())) {
                System.out.println("opened " + tracker.statistics());
            } catch (MissingPrerequisiteException missing) {
                missing.problems().forEach(System.out::println);
            }
        }
    }
}
