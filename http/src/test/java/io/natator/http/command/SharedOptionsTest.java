package io.natator.http.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.http.HttpOptions;
import io.natator.http.kafka.KafkaConfig;
import io.natator.http.kafka.KafkaOptions;
import io.natator.http.logging.LoggingOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tests the options that all services share, by a service that has only these. */
class SharedOptionsTest extends CommandContract {
    private static final Map<String, String> RETIRED = Map.of("TOPIC_PREFIX", "--topic-prefix");

    @Command(
            name = "sample",
            mixinStandardHelpOptions = true,
            versionProvider = CommandVersion.class,
            sortOptions = false,
            abbreviateSynopsis = true,
            footer = {"", Commands.DURATIONS, Commands.REPEATED, Commands.ENVIRONMENT})
    private static final class Service implements Callable<Integer> {
        @Mixin
        private KafkaOptions kafka = new KafkaOptions();

        @Mixin
        private HttpOptions http = new HttpOptions();

        @Mixin
        private LoggingOptions logging = new LoggingOptions();

        @Option(
                names = "--interval",
                paramLabel = "DURATION",
                defaultValue = "90s",
                description = "Some interval (default: ${DEFAULT-VALUE}).")
        private Duration interval = Duration.ZERO;

        @Spec
        private @Nullable CommandSpec spec;

        private final Consumer<Object> started;

        Service(Consumer<Object> started) {
            this.started = started;
        }

        @Override
        public Integer call() {
            CommandLine line = Objects.requireNonNull(spec).commandLine();
            List<String> problems = new ArrayList<>(Commands.errors(line));
            KafkaConfig kafkaConfig = kafka.config(problems);
            problems.addAll(kafkaConfig.problems(Map.of("enable.idempotence", "the service sets it")));
            List<Object> read = List.of(kafkaConfig, http.settings(80, problems), logging.config(), interval);
            if (!problems.isEmpty()) {
                return Commands.reject(line, problems);
            }
            started.accept(read);
            return 0;
        }
    }

    @Override
    protected Run run(Map<String, String> environment, List<String> arguments) {
        return execute(
                started -> Commands.serviceCommand(new CommandLine(new Service(started)), environment, RETIRED),
                arguments);
    }

    @Test
    void reportsAllProblemsTogether() {
        Run refused = run(
                Map.of("NATATOR_INTERVAL", "soon"),
                List.of(
                        "--partitions=0",
                        "--bootstrap-servers=kafka,kafka:99999",
                        "--topic-prefix=a b",
                        "--http-tls-key=tls.key",
                        "--log-level=loud"));

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err().lines())
                .anySatisfy(line -> assertThat(line).contains("--partitions 0 is too small"))
                .anySatisfy(line -> assertThat(line).contains("'kafka' is not host:port"))
                .anySatisfy(line -> assertThat(line).contains("'kafka:99999' is not host:port"))
                .anySatisfy(line -> assertThat(line).contains("--topic-prefix"))
                .anySatisfy(line -> assertThat(line).contains("give both"))
                .anySatisfy(line -> assertThat(line).contains("--log-level"))
                .anySatisfy(line -> assertThat(line).contains("'soon' is not a duration"))
                .last()
                .isEqualTo("see sample --help");
    }

    @Test
    void refusesAVariableOfAnEarlierVersionAndNamesTheNewOne() {
        Run refused = run(Map.of("TOPIC_PREFIX", "a"), List.of());

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("TOPIC_PREFIX").contains("NATATOR_TOPIC_PREFIX");
    }

    @Test
    void reportsAFileThatCannotBeRead() {
        Run refused = run(Map.of(), List.of("--kafka-config=/none/kafka.properties"));

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("--kafka-config: cannot read " + Path.of("/none/kafka.properties"));
    }

    @Test
    void programThatStartsAServiceGetsAllProblemsInOneException() {
        assertThatThrownBy(() ->
                        Commands.read(new KafkaOptions(), KafkaOptions::config, "--partitions=x", "--no-such-option"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--partitions")
                .hasMessageContaining("--no-such-option");
        assertThatThrownBy(() -> Commands.read(new KafkaOptions(), KafkaOptions::config, "--kafka-config=/none"))
                .hasMessageContaining("cannot read /none");
        assertThat(Commands.read(new KafkaOptions(), KafkaOptions::config, "--partitions=3")
                        .partitions())
                .isEqualTo(3);
    }
}
