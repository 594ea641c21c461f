package io.natator.bench.topology;

import static java.util.Locale.ROOT;

import io.natator.bench.BenchCommand;
import io.natator.bench.Machine;
import io.natator.bench.Sample;
import io.natator.http.command.CommandVersion;
import io.natator.http.command.Commands;
import io.natator.schemas.CloseReason;
import io.natator.schemas.ConnectionSnapshot;
import io.natator.schemas.ConnectionState;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Protocol;
import io.natator.schemas.Role;
import io.natator.schemas.SocketOwner;
import io.natator.schemas.Topic;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code deploy/bench/scrape}. */
@Command(
        name = "deploy/bench/scrape",
        mixinStandardHelpOptions = true,
        versionProvider = CommandVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description =
                "Measures how long a scrape of the series of many links takes, and how much memory topology-streams"
                        + " needs for it.",
        footer = {"", Commands.REPEATED})
public final class ScrapeBench implements Callable<Integer> {
    private static final String PREFIX = "bench.";
    private static final double MEBI = 1 << 20;

    @Option(
            names = "--links",
            paramLabel = "N",
            split = ",",
            defaultValue = "5000",
            description = "Numbers of links to measure (default: ${DEFAULT-VALUE}).")
    private List<Integer> links = List.of();

    @Option(
            names = "--scrapes",
            paramLabel = "N",
            defaultValue = "20",
            description = "Scrapes per measurement (default: ${DEFAULT-VALUE}).")
    private int scrapes;

    @Option(
            names = "--heap",
            paramLabel = "SIZE",
            defaultValue = "512m",
            description = "Maximum heap of topology-streams (default: ${DEFAULT-VALUE}).")
    private String heap = "";

    ScrapeBench() {}

    public static void main(String[] arguments) {
        System.exit(BenchCommand.of(new ScrapeBench()).execute(arguments));
    }

    /** The size of a response to a scrape, and the time until it was complete. */
    private record Scrape(long series, long bytes, double seconds) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.out.printf(ROOT, "machine    %s%n%n", Machine.description());
        System.out.printf(
                ROOT,
                "%10s %12s %14s %12s %12s %14s %14s   (goal: 100,000 series within 2 s)%n",
                "links",
                "series",
                "gzip bytes",
                "median s",
                "longest s",
                "CPU s each",
                "resident MiB");
        for (int count : links) {
            measure(count);
        }
        return 0;
    }

    private void measure(int count) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("natator-bench-scrape");
        try (JvmProcess broker = JvmProcess.start(
                        BrokerMain.class,
                        "",
                        List.of("-Xmx512m"),
                        ProcessBuilder.Redirect.DISCARD,
                        List.of(directory.resolve("kafka").toString()));
                JvmProcess topology = start(broker.firstLine(), directory, count)) {
            String port = topology.firstLine();
            URI metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
            try (HttpClient http = HttpClient.newHttpClient()) {
                Scrape scrape = scrape(http, metrics);
                // Wait until all links are exported. Each link has at least four series: two of bytes, one of
                // connections and one of retransmits.
                while (scrape.series() < 4L * count) {
                    Thread.sleep(Duration.ofSeconds(1));
                    scrape = scrape(http, metrics);
                }
                var seconds = new Sample();
                double longest = 0;
                double cpu = topology.cpu().toNanos() / 1e9;
                for (int i = 0; i < scrapes; i++) {
                    scrape = scrape(http, metrics);
                    seconds.add(scrape.seconds());
                    longest = Math.max(longest, scrape.seconds());
                }
                System.out.printf(
                        ROOT,
                        "%,10d %,12d %,14d %12.2f %12.2f %14.2f %14.0f%n",
                        count,
                        scrape.series(),
                        scrape.bytes(),
                        seconds.median(),
                        longest,
                        (topology.cpu().toNanos() / 1e9 - cpu) / scrapes,
                        topology.residentBytes() / MEBI);
            }
        } finally {
            Machine.delete(directory);
        }
    }

    private JvmProcess start(String bootstrapServers, Path directory, int count) throws IOException {
        fill(bootstrapServers, count);
        return JvmProcess.start(
                SubjectMain.class,
                "",
                List.of("-Xmx" + heap),
                ProcessBuilder.Redirect.INHERIT,
                List.of(
                        Subject.TOPOLOGY.name(),
                        bootstrapServers,
                        PREFIX,
                        "scrape",
                        directory.resolve("state").toString(),
                        "1"));
    }

    /** Requests the metrics as Prometheus does: compressed and in the OpenMetrics format. */
    private static Scrape scrape(HttpClient http, URI metrics) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(metrics)
                .header("Accept", "application/openmetrics-text;version=1.0.0")
                .header("Accept-Encoding", "gzip")
                .build();
        long begin = System.nanoTime();
        byte[] body = http.send(request, BodyHandlers.ofByteArray()).body();
        double seconds = (System.nanoTime() - begin) / 1e9;
        try (InputStream plain = new GZIPInputStream(new java.io.ByteArrayInputStream(body));
                var lines = new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
            long series = lines.lines().filter(line -> !line.startsWith("#")).count();
            return new Scrape(series, body.length, seconds);
        }
    }

    /** Writes links from a hundred processes to external addresses. Each link has a different address. */
    private static void fill(String bootstrapServers, int count) {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 20),
                NatatorSerdes.fingerprint().serializer(),
                NatatorSerdes.connectionSnapshot().serializer())) {
            Instant now = Instant.now();
            for (int link = 0; link < count; link++) {
                ConnectionSnapshot snapshot = ConnectionSnapshot.newBuilder()
                        .setNode("node-" + link % 50)
                        .setBootId("boot")
                        .setSocketCookie(link)
                        .setProtocol(Protocol.TCP)
                        .setRole(Role.CLIENT)
                        .setState(ConnectionState.OPEN)
                        .setCloseReason(CloseReason.NONE)
                        .setLocalAddress(ByteBuffer.wrap(new byte[] {10, 0, 0, (byte) (link % 50)}))
                        .setLocalPort(40_000)
                        .setRemoteAddress(ByteBuffer.wrap(
                                new byte[] {-58, (byte) (18 + (link >> 16)), (byte) (link >> 8), (byte) link}))
                        .setRemotePort(443)
                        .setOwner(SocketOwner.newBuilder()
                                .setCommand("client-" + link % 100)
                                .build())
                        .setStartedAt(now.minusSeconds(1))
                        .setObservedAt(now)
                        .setBytesAcked(1_000 + link)
                        .setBytesReceived(2_000)
                        .setSmoothedRttMicros(400)
                        .build();
                var _ = producer.send(new ProducerRecord<>(Topic.CONNECTIONS.name(PREFIX), (long) link, snapshot));
            }
        }
    }
}
