package io.natator.enricher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(240)
class EnricherMainTest {
    @TempDir
    private Path folder = Path.of("");

    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return EnricherMain.commandLine(
                        Map.of(), (config, logging, errors) -> EnricherMain.launch(config, logging, errors, stop -> {}))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private Path kubeconfig(String text) throws Exception {
        return Files.writeString(folder.resolve("config"), text);
    }

    private static String usable() {
        return """
                apiVersion: v1
                kind: Config
                clusters:
                - name: here
                  cluster: {server: "http://127.0.0.1:1"}
                users:
                - name: me
                  user: {}
                contexts:
                - name: one
                  context: {cluster: here, user: me}
                - name: two
                  context: {cluster: here, user: me}
                current-context: one
                """;
    }

    @Test
    void reportsAllWrongOptionsTogether() {
        // When
        int exitCode = run(
                "--http-port=70000",
                "--history-depth=0",
                "--topic-prefix=a b",
                "--address-retention=soon",
                "--unknown-option",
                "--namespace=Shop");

        // Then
        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString().lines())
                .anyMatch(line -> line.contains("--http-port 70000 is no port"))
                .anyMatch(line -> line.contains("--history-depth 0 is out of range: 1 to 1000"))
                .anyMatch(line -> line.contains("--topic-prefix"))
                .anyMatch(line -> line.contains("'soon' is not a duration"))
                .anyMatch(line -> line.contains("--unknown-option"))
                .anyMatch(line -> line.contains("--namespace 'Shop'"));
    }

    @Test
    void reportsAMissingKubeconfigInOneLine() {
        assertThat(run("--kubeconfig=" + folder.resolve("none"))).isEqualTo(1);

        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .contains("cannot read the kubeconfig", "none", "check --kubeconfig");
    }

    @Test
    void reportsAMalformedKubeconfigInOneLine() throws Exception {
        assertThat(run("--kubeconfig=" + kubeconfig("clusters: [[["))).isEqualTo(1);

        assertThat(err.toString().lines()).singleElement().asString().contains("cannot use the kubeconfig");
    }

    @Test
    void reportsAnEmptyKubeconfigInOneLine() throws Exception {
        assertThat(run("--kubeconfig=" + kubeconfig("{}"))).isEqualTo(1);

        assertThat(err.toString().lines()).singleElement().asString().contains("no current context");
    }

    @Test
    void reportsAnUnknownContextInOneLineWithTheKnownOnes() throws Exception {
        assertThat(run("--kubeconfig=" + kubeconfig(usable()), "--context=three"))
                .isEqualTo(1);

        assertThat(err.toString().lines()).singleElement().asString().contains("it has no context 'three'", "one, two");
    }

    @Test
    void reportsAContextWithoutItsClusterInOneLine() throws Exception {
        assertThat(run("--kubeconfig=" + kubeconfig(usable().replace("cluster: here,", "cluster: elsewhere,"))))
                .isEqualTo(1);

        assertThat(err.toString().lines()).singleElement().asString().contains("names no server");
    }

    @Test
    void reportsAPortInUseInOneLine() throws Exception {
        try (var taken = new ServerSocket(0)) {
            int exitCode = run(
                    "--kubeconfig=" + kubeconfig(usable()),
                    "--bootstrap-servers=127.0.0.1:1",
                    "--http-port=" + taken.getLocalPort());

            assertThat(exitCode).isEqualTo(1);
            assertThat(err.toString().lines()).singleElement().asString().contains("cannot listen on", "--http-port");
        }
    }

    @Test
    void reportsAnUnreadableKafkaConfigAsAWrongOption() {
        assertThat(run("--kafka-config=" + folder.resolve("none"))).isEqualTo(2);

        assertThat(err.toString()).contains("--kafka-config: cannot read");
    }
}
