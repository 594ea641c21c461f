package io.natator.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.bpf.SocketSource;
import io.natator.collector.owner.CgroupMount;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the options, the output and the exit codes of the command. */
class CollectorMainTest {
    private final FakeSocketSource source = new FakeSocketSource();
    private final AtomicReference<CollectorConfig> opened = new AtomicReference<>();
    private final AtomicReference<Path> unloaded = new AtomicReference<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CollectorMain main =
            new CollectorMain(new FakeKernelSide(), new PrintWriter(out, true), new PrintWriter(err, true));
    private @Nullable String refusal;

    private final class FakeKernelSide implements KernelSide {
        @Override
        public SocketSource open(CollectorConfig config) throws CollectorStartException {
            refuse();
            opened.set(config);
            return source;
        }

        @Override
        public void unload(Path pinDirectory) throws CollectorStartException {
            refuse();
            unloaded.set(pinDirectory);
        }

        private void refuse() throws CollectorStartException {
            if (refusal != null) {
                throw new CollectorStartException(refusal);
            }
        }
    }

    @Test
    void refusesOptionsBeforeTheCommand() {
        // When
        int code = main.run("--partitions=3", "run");
        // Then
        assertThat(code).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "collector: --partitions stands before the command run and would have no effect: write it after run",
                        "collector: see natator-collector --help");
        assertThat(opened).hasNullValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "run"})
    void reportsAllProblemsTogether(String command) {
        // Given
        String[] options = {
            "--bootstrap-servers", "kafka:9092,nowhere",
            "--topic-prefix", "a b",
            "--poll-interval", "1h",
            "--snapshot-interval", "10m",
            "--exclude-cidr", "10.0.0.0/8,10.0.0.0/99",
            "--exclude-port", "22,ssh,70000",
            "--partitions", "0",
            "--http-port", "70000"
        };
        // When
        int code = main.run(with(command, options));
        // Then
        assertThat(code).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactlyInAnyOrder(
                        "collector: --exclude-cidr: '10.0.0.0/99' is not a range of addresses: write it as 10.0.0.0/8 or fd00::/8",
                        "collector: --exclude-port: 'ssh' is no port: 0 to 65535",
                        "collector: --exclude-port: '70000' is no port: 0 to 65535",
                        "collector: --bootstrap-servers: 'nowhere' is not host:port",
                        "collector: --topic-prefix: topic prefix 'a b' is not valid: use at most 200 letters, digits, '.', '_' and '-'",
                        "collector: --partitions 0 is too small: at least 1",
                        "collector: --poll-interval 1h is out of range: 10ms to 1m",
                        "collector: --heartbeat-interval (1m) is shorter than --snapshot-interval (10m): idle connections are only checked in a snapshot",
                        "collector: --http-port 70000 is no port: 0 to 65535"
                                .replace("is no port: 0 to", "is no port: 0 (any free) to"),
                        "collector: see natator-collector --help");
        assertThat(opened).hasNullValue();
    }

    @Test
    void reportsAllProblemsOfTheFilter() {
        // Given
        Path cgroup2 = CgroupMount.find(Path.of("/proc")).orElseThrow();
        // When
        int code = main.run(
                "--cgroup-root=/sys/fs/cgroup",
                "--include-cidr=10.0.0.0/8,ten",
                "--exclude-cidr=10.0.0.0/8",
                "--include-port=80,http",
                "--exclude-cgroup=no/such.slice,../..",
                "--include-network-namespace=7,/no/such",
                "--exclude-network-namespace=7");
        // Then
        assertThat(code).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactlyInAnyOrder(
                        "collector: --include-cidr: 'ten' is not a range of addresses: write it as 10.0.0.0/8 or fd00::/8",
                        "collector: --include-cidr and --exclude-cidr name 10.0.0.0/8: name it once",
                        "collector: --include-port: 'http' is no port: 0 to 65535",
                        "collector: --exclude-cgroup: there is no cgroup " + cgroup2
                                + "/no/such.slice: write its path below " + cgroup2 + ", as kubepods.slice",
                        "collector: --exclude-cgroup: there is no cgroup "
                                + cgroup2.resolve("../..").normalize() + ": write its path below " + cgroup2
                                + ", as kubepods.slice",
                        "collector: --include-network-namespace: /no/such cannot be read: NoSuchFileException: name what exists here",
                        "collector: --include-network-namespace and --exclude-network-namespace: the same is named in both: name it once",
                        "collector: see natator-collector --help");
        assertThat(opened).hasNullValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "run"})
    void reportsAllOptionsThatCannotBeRead(String command) {
        // When
        int code = main.run(
                with(command, "--linger", "soon", "--partitions", "many", "--compression", "zstd", "--colour", "blue"));
        // Then
        assertThat(code).isEqualTo(2);
        assertThat(err.toString())
                .contains("--linger")
                .contains("'soon' is not a duration: write it as 200ms, 5s, 2m, 1h or 7d")
                .contains("'many'")
                .contains("'zstd'")
                .contains("--colour");
        assertThat(err.toString().lines())
                .hasSizeGreaterThanOrEqualTo(5)
                .allMatch(line -> line.startsWith("collector: "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "run"})
    void reportsProblemsBesideOptionsThatCannotBeRead(String command) {
        // When
        int code = main.run(with(
                command,
                "--bogus",
                "--poll-interval",
                "5x",
                "--http-port",
                "70000",
                "--bootstrap-servers",
                "nope",
                "--ring-bytes",
                "5000",
                "--fold-capacity",
                "0"));
        // Then
        assertThat(code).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactlyInAnyOrder(
                        "collector: Unknown option: '--bogus'",
                        "collector: Invalid value for option '--poll-interval': '5x' is not a duration: write it as 200ms, 5s, 2m, 1h or 7d",
                        "collector: --http-port 70000 is no port: 0 (any free) to 65535",
                        "collector: --bootstrap-servers: 'nope' is not host:port",
                        "collector: --ring-bytes 5000 is not a power of two from 4096 to 1073741824: the default is 4194304",
                        "collector: --fold-capacity 0 is out of range: 1 to 16777216",
                        "collector: see natator-collector --help");
        assertThat(opened).hasNullValue();
    }

    private static String[] with(String command, String... options) {
        return java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(command).filter(text -> !text.isEmpty()),
                        java.util.Arrays.stream(options))
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @CsvSource({"NODE_NAME,--node-name", "NATATOR_COLLECTOR_HTTP_PORT,--http-port"})
    void refusesVariablesOfEarlierVersions(String retired, String option) {
        // Given
        Map<String, String> environment = Map.of(retired, "7200");
        String current = "NATATOR_" + option.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
        // When
        int code = command(environment).run("run");
        int overridden = command(environment).run("run", option + "=7201");
        // Then
        assertThat(code).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "collector: the environment variable " + retired + " is no longer read: set " + current
                                + " instead",
                        "collector: see natator-collector --help");
        assertThat(overridden).isZero();
    }

    private CollectorMain command(Map<String, String> environment) {
        return new CollectorMain(
                environment,
                new FakeKernelSide(),
                (config, logging) -> 0,
                new PrintWriter(out, true),
                new PrintWriter(err, true));
    }

    @Test
    void refusesKafkaSettingsThatWouldLoseRecords(@TempDir Path directory) throws Exception {
        // Given
        Path file = Files.writeString(
                directory.resolve("kafka.properties"), "acks=1\nsecurity.protocol=WHISPER\nbootstrap.servers=x:1\n");
        // When
        int code = main.run("--kafka-config", file.toString());
        // Then
        assertThat(code).isEqualTo(2);
        assertThat(err.toString())
                .contains("--kafka-config sets acks: it is always all")
                .contains("--kafka-config sets bootstrap.servers: use --bootstrap-servers")
                .contains("WHISPER");
    }

    @Test
    void reportsAMissingKafkaConfig() {
        // When
        int code = main.run("--kafka-config", "/nonexistent/kafka.properties");
        // Then
        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("--kafka-config: cannot read /nonexistent/kafka.properties");
    }

    @Test
    void endsWithOneLineWhenThePortIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, java.net.InetAddress.ofLiteral("127.0.0.1"))) {
            // When
            int code = main.run("--http-address", "127.0.0.1", "--http-port", Integer.toString(taken.getLocalPort()));
            // Then
            assertThat(code).isEqualTo(1);
            assertThat(err.toString().lines())
                    .containsExactly(
                            "collector: cannot listen on 127.0.0.1:" + taken.getLocalPort()
                                    + ": Address already in use: free the port, or choose another with --http-address and --http-port (0 for any)");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "unload"})
    void endsWithOneLineWhenTheKernelRefuses(String command) {
        // Given
        refusal = "cannot load the BPF object: CAP_BPF is missing: run as root";
        // When
        int code = command.equals("run")
                ? main.run("--http-port", "0", "--http-address", "127.0.0.1")
                : main.run("unload");
        // Then
        assertThat(code).isEqualTo(1);
        assertThat(err.toString().lines()).containsExactly("collector: " + refusal);
    }

    @Test
    void unloadsWhatIsPinned() {
        // When
        int code = main.run("unload", "--pin-directory", "/sys/fs/bpf/other");
        // Then
        assertThat(code).isZero();
        assertThat(unloaded).hasValue(Path.of("/sys/fs/bpf/other"));
        assertThat(opened).hasNullValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "run"})
    void runsUntilItIsStopped(String command) throws Exception {
        // Given
        var code = new AtomicReference<Integer>();
        Thread running = Thread.ofPlatform()
                .start(() -> code.set(main.run(with(
                        command,
                        "--bootstrap-servers",
                        "127.0.0.1:1",
                        "--http-address",
                        "127.0.0.1",
                        "--http-port",
                        "0",
                        "--loopback",
                        "--ring-bytes",
                        "8192",
                        "--live-capacity",
                        "3",
                        "--spill-capacity",
                        "2",
                        "--fold-capacity",
                        "1",
                        "--exclude-port",
                        "22",
                        "--heartbeat-interval",
                        "2m"))));
        await().atMost(Duration.ofSeconds(60)).until(() -> opened.get() != null);
        // When
        main.stop();
        running.join();
        // Then
        assertThat(code).hasValue(0);
        assertThat(err.toString()).isEmpty();
        assertThat(source.closed()).isTrue();
        CollectorConfig config = Objects.requireNonNull(opened.get());
        assertThat(config.kernel().filter().loopback()).isTrue();
        assertThat(config.kernel().filter().excludedPorts()).containsExactly(22);
        assertThat(config.intervals().heartbeat()).hasMinutes(2);
        assertThat(config.node().name()).isNotBlank();
        assertThat(config.delivery().maxUnacknowledged()).isEqualTo(10_000);
        assertThat(config.kernel().capacity()).isEqualTo(new KernelCapacity(8_192, 3, 2, 1));
        assertThat(config.intervals().poll()).hasMillis(200);
        assertThat(config.kernel().paths().procRoot()).isEqualTo(Path.of("/proc"));
        assertThat(config.kafka().topicPrefix()).isEqualTo("natator.");
    }

    @Test
    void readsTheHostsNameWhereTheHostsProcIs(@TempDir Path proc) throws Exception {
        // Given
        Path kernel = Files.createDirectories(proc.resolve("sys/kernel"));
        Files.writeString(kernel.resolve("hostname"), "node-of-proc\n");
        Files.writeString(
                Files.createDirectory(kernel.resolve("random")).resolve("boot_id"),
                "5a2f0a3c-0000-4000-8000-000000000001\n");
        // When
        var running = Thread.ofPlatform()
                .start(() -> main.run("--http-address=127.0.0.1", "--http-port=0", "--proc-root=" + proc));
        await().until(() -> opened.get() != null);
        main.stop();
        running.join();
        // Then
        assertThat(Objects.requireNonNull(opened.get()).node().name()).isEqualTo("node-of-proc");
    }
}
