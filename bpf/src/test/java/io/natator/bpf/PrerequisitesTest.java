package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrerequisitesTest {
    private static final long BPF = 1L << 39;
    private static final long PERFMON = 1L << 38;
    private static final long SYS_ADMIN = 1L << 21;

    @Test
    void isContentWithTwoCapabilitiesOrTheOldOne() {
        assertThat(Prerequisites.problems(BPF | PERFMON, true)).isEmpty();
        assertThat(Prerequisites.problems(SYS_ADMIN, true)).isEmpty();
    }

    @Test
    void namesEverythingThatIsMissing() {
        // When
        List<String> problems = Prerequisites.problems(BPF, false);

        // Then
        assertThat(problems).hasSize(2);
        assertThat(problems.get(0)).contains("lacks CAP_PERFMON:").contains("run it as root");
        assertThat(problems.get(1)).contains("/sys/kernel/btf/vmlinux").contains("CONFIG_DEBUG_INFO_BTF=y");
    }

    @ParameterizedTest
    @CsvSource({
        "'-all,+bpf,+perfmon', opened",
        "'-all,+bpf', lacks CAP_PERFMON",
        "'-all', lacks CAP_BPF and CAP_PERFMON",
    })
    void opensWithTheCapabilitiesItNamesAndSaysWhichOneIsMissing(String bounding, String expected) throws Exception {
        // When
        String output = openWithout(bounding);

        // Then
        assertThat(output).contains(expected);
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

    private static String openWithout(String bounding) throws Exception {
        Process process = new ProcessBuilder(
                        "setpriv",
                        "--bounding-set",
                        bounding,
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        OpenTracker.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    /** Opens a tracker in a process of its own. */
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
