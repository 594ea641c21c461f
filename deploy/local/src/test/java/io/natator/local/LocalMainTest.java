package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the messages for wrong options and failed starts. */
@Timeout(60)
class LocalMainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    @Test
    void reportsAllWrongOptionsTogether() {
        int code =
                run("--bogus", "--rows", "0", "--http-port", "70000", "--kafka-port", "x", "--collector-http-port=-1");

        assertThat(code).isEqualTo(2);
        assertThat(errorLines())
                .hasSize(6)
                .anySatisfy(line -> assertThat(line).contains("--bogus"))
                .anySatisfy(line -> assertThat(line).contains("--rows 0 is too small"))
                .anySatisfy(line -> assertThat(line).contains("--http-port 70000 is no port"))
                .anySatisfy(line -> assertThat(line).contains("--kafka-port"))
                .anySatisfy(line -> assertThat(line).contains("--collector-http-port -1"))
                .last()
                .satisfies(line -> assertThat(line).contains("--help"));
    }

    @Test
    void reportsOptionsThatExcludeEachOther() {
        int code = run(
                "--bootstrap-servers",
                "kafka:9092",
                "--kafka-port",
                "9093",
                "--http-port",
                "9000",
                "--collector-http-port",
                "9000",
                "--no-kubernetes",
                "--kubeconfig",
                "config");

        assertThat(code).isEqualTo(2);
        assertThat(errorLines())
                .anySatisfy(
                        line -> assertThat(line).contains("--bootstrap-servers and --kafka-port exclude each other"))
                .anySatisfy(line -> assertThat(line).contains("--http-port and --collector-http-port are both 9000"))
                .anySatisfy(line -> assertThat(line).contains("--kubeconfig and --no-kubernetes exclude each other"));
    }

    @Test
    void reportsAKubeconfigThatDoesNotExistBeforeAnythingStarts() {
        int code = run("--kubeconfig", directory.resolve("none").toString());

        assertThat(code).isEqualTo(2);
        assertThat(errorLines()).anySatisfy(line -> assertThat(line).contains("none is no file that can be read"));
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http-port", "--collector-http-port", "--kafka-port"})
    void reportsAPortInUseInOneLineBeforeAnythingStarts(String option) throws IOException {
        try (var taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 0));
            String port = Integer.toString(taken.getLocalPort());
            int code = run(onFreePorts().stream()
                    .map(argument -> argument.equals(option + "=0") ? option + "=" + port : argument)
                    .toArray(String[]::new));

            assertThat(code).isEqualTo(1);
            assertThat(errorLines())
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .contains("port " + port)
                            .endsWith(option)
                            .doesNotContain("--http-address"));
            assertThat(out.toString()).isEmpty();
        }
    }

    @Test
    void endsWithTheReasonIfTheStreamCannotStart() throws IOException {
        // Given a file where the stream needs a folder
        Files.createDirectories(directory.resolve("state"));
        Files.createFile(directory.resolve("state/natator-topology"));

        // When
        int code = run(onFreePorts().toArray(String[]::new));

        // Then
        assertThat(code).isEqualTo(1);
        assertThat(errorLines())
                .singleElement()
                .satisfies(line ->
                        assertThat(line).contains("the stream cannot start").contains("state"));
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("natator-"));
    }

    private List<String> onFreePorts() {
        return List.of(
                "--kafka-port=0",
                "--http-port=0",
                "--collector-http-port=0",
                "--no-kubernetes",
                "--data-directory=" + directory);
    }

    @Test
    void reportsAnUnusableFolderInOneLine() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        int code = run(
                "--kafka-port",
                "0",
                "--http-port",
                "0",
                "--collector-http-port",
                "0",
                "--no-kubernetes",
                "--data-directory",
                file.toString());

        assertThat(code).isEqualTo(1);
        assertThat(errorLines())
                .singleElement()
                .satisfies(line -> assertThat(line).contains("--data-directory"));
    }

    private int run(String... arguments) {
        return new LocalMain(new PrintWriter(out, true), new PrintWriter(err, true), false).run(arguments);
    }

    private List<String> errorLines() {
        return err.toString().lines().toList();
    }
}
