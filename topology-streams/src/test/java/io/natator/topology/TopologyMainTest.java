package io.natator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopologyMainTest {
    private final StringWriter errors = new StringWriter();

    private int run(String... arguments) {
        return TopologyMain.commandLine(
                        Map.of(), (config, logging, errors) -> TopologyMain.launch(config, logging, errors, stop -> {}))
                .setErr(new PrintWriter(errors))
                .execute(arguments);
    }

    @Test
    void allProblemsAreReportedTogether(@TempDir Path directory) throws Exception {
        // Given
        Path properties = Files.writeString(directory.resolve("client.properties"), "application.id=x\n");

        Path names = Files.writeString(directory.resolve("names"), "10.0.0.0/8: corporate\n10.0.0.0/33: wide\n");

        // When
        int code = run(
                "--cidr-names=" + names,
                "--settle-after=soon",
                "--internal-cidr=10.0.0.0/99",
                "--no-such-option",
                "--threads=-1",
                "--topic-prefix=a b",
                "--idle-retention=30s",
                "--kafka-config=" + properties);

        // Then
        assertThat(code).isEqualTo(2);
        assertThat(errors.toString().lines())
                .hasSize(9)
                .anySatisfy(line -> assertThat(line).contains("--cidr-names").contains("line 2"))
                .anySatisfy(line -> assertThat(line).contains("--settle-after").contains("soon"))
                .anySatisfy(line -> assertThat(line)
                        .contains("--internal-cidr")
                        .contains("'10.0.0.0/99' is not a range of addresses: write it as 10.0.0.0/8 or fd00::/8"))
                .anySatisfy(line -> assertThat(line).contains("--no-such-option"))
                .anySatisfy(line -> assertThat(line).contains("--threads -1 is too small"))
                .anySatisfy(line -> assertThat(line).contains("topic prefix 'a b'"))
                .anySatisfy(line -> assertThat(line).contains("--idle-retention has to be longer"))
                .anySatisfy(line -> assertThat(line).contains("application.id"))
                .last()
                .isEqualTo("see natator-topology --help");
    }

    @Test
    void transactionsHaveToOutliveTheCommitInterval() {
        // When
        int code = run("--commit-interval=10s");

        // Then
        assertThat(code).isEqualTo(2);
        assertThat(errors.toString().lines())
                .first()
                .asString()
                .contains("--transaction-timeout has to be longer than --commit-interval");
    }

    @Test
    void occupiedPortIsReportedInOneLine() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int code = run("--http-address=127.0.0.1", "--http-port=" + taken.getLocalPort());

            assertThat(code).isEqualTo(1);
            assertThat(errors.toString().lines()).singleElement().asString().contains("cannot listen on");
        }
    }
}
