package io.natator.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.http.command.CommandContract;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalCommandTest extends CommandContract {
    @Override
    protected Run run(Map<String, String> environment, List<String> arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var started = new AtomicReference<List<Object>>();
        int code = new LocalMain(
                        options -> {
                            started.set(List.of(options.config(), options.rows()));
                            return 0;
                        },
                        new PrintWriter(out, true),
                        new PrintWriter(err, true))
                .run(arguments.toArray(String[]::new));
        return new Run(code, out.toString(), err.toString(), started.get());
    }

    /** The script prints them from a file and from pom.xml, because a build would take a minute. */
    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "--version", "-V"})
    void scriptPrintsHelpAndVersionWithoutABuild(String option) throws Exception {
        // Given
        String expected = run(Map.of(), List.of(option)).out();
        if (option.equals("--help") && Boolean.getBoolean("natator.help.write")) {
            Files.writeString(Path.of("up.help"), expected);
        }
        // When the script finds neither a JDK nor Maven
        var script = new ProcessBuilder("./up", "--rows=3", option);
        script.environment().clear();
        script.environment().put("PATH", "/bin:/usr/bin");
        Process process = script.start();
        // Then
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .as("make it again with -Dtest=LocalCommandTest -Dnatator.help.write=true")
                .isEqualTo(expected);
        assertThat(process.waitFor()).isZero();
    }
}
