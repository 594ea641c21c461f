package io.natator.bench;

import io.natator.enricher.EnricherMain;
import io.natator.http.command.CommandVersion;
import io.natator.local.EmbeddedKafka;
import io.natator.topology.TopologyMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code deploy/bench/identities}. */
@Command(
        name = "deploy/bench/identities",
        mixinStandardHelpOptions = true,
        versionProvider = CommandVersion.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = "Measures how the enricher lists and follows a large cluster, and how one instance of"
                + " topology-streams stores the identities.")
public final class IdentitiesBench implements Callable<Integer> {
    private static final String EVENTS = "natator_enricher_events_total";
    private static final String POD = "kind=\"Pod\"";
    private static final int EVENTS_PER_POD = 3;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "5000",
            description = "Nodes of the cluster (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = "--pods",
            paramLabel = "N",
            defaultValue = "150000",
            description = "Pods of the cluster (default: ${DEFAULT-VALUE}).")
    private int pods;

    @Option(
            names = "--replaced",
            paramLabel = "N",
            defaultValue = "20000",
            description = "Pods that are replaced by new pods with the same addresses (default: ${DEFAULT-VALUE}).")
    private int replaced;

    @Option(
            names = "--enricher-heap",
            paramLabel = "SIZE",
            defaultValue = "600m",
            description = "Maximum heap of the enricher (default: ${DEFAULT-VALUE}).")
    private String enricherHeap = "";

    @Option(
            names = "--topology-heap",
            paramLabel = "SIZE",
            defaultValue = "512m",
            description = "Maximum heap of topology-streams (default: ${DEFAULT-VALUE}).")
    private String topologyHeap = "";

    IdentitiesBench() {}

    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        System.setProperty("logback.configurationFile", "logback-bench.xml");
        System.exit(BenchCommand.of(new IdentitiesBench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("natator-bench-identities");
        var cluster = new FakeCluster(nodes, pods);
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
                var api = new FakeApiServer(cluster)) {
            row(
                    "cluster",
                    "%,d nodes, %,d pods, %,d Services"
                            .formatted(nodes, pods, cluster.count(FakeCluster.Kind.SERVICES)));
            topology(kafka, directory.resolve("empty"), "topology, no identities");
            Path kubeconfig = directory.resolve("kubeconfig");
            Files.writeString(kubeconfig, kubeconfig(api.port()));
            enricher(kafka, api, cluster, kubeconfig);
            restarted(kafka, kubeconfig);
            Path state = directory.resolve("state");
            topology(kafka, state, "topology, restored from Kafka");
            topology(kafka, state, "topology, restarted with its state");
        } finally {
            delete(directory);
        }
        return 0;
    }

    private ServiceProcess start(EmbeddedKafka kafka, Path kubeconfig) {
        return new ServiceProcess(
                EnricherMain.class.getName(),
                List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx" + enricherHeap),
                List.of("--kubeconfig", kubeconfig.toString(), "--bootstrap-servers", kafka.bootstrapServers()));
    }

    private void ready(String what, ServiceProcess enricher) {
        Duration listed = enricher.until("the enricher to be ready", enricher::isReady);
        row(what, "ready after %.1f s (heap bound %s)".formatted(seconds(listed), enricherHeap));
        memory(what, enricher);
    }

    /** Restarts the enricher. Before it lists the cluster, it reads back the topic that its first run wrote. */
    private void restarted(EmbeddedKafka kafka, Path kubeconfig) {
        try (var enricher = start(kafka, kubeconfig)) {
            ready("enricher, restarted", enricher);
        }
    }

    private void enricher(EmbeddedKafka kafka, FakeApiServer api, FakeCluster cluster, Path kubeconfig)
            throws InterruptedException {
        try (var enricher = start(kafka, kubeconfig)) {
            ready("enricher, first start", enricher);
            double before = enricher.metric(EVENTS, POD);
            double written = enricher.metric("natator_enricher_records_written_total", "");
            long from = System.nanoTime();
            for (int pod = 0; pod < replaced; pod++) {
                api.send("pods", "ADDED", cluster.pod(pod, 1, "Pending"));
                api.send("pods", "DELETED", cluster.pod(pod, 0, "Running"));
                api.send("pods", "MODIFIED", cluster.pod(pod, 1, "Running"));
            }
            double expected = before + (double) replaced * EVENTS_PER_POD;
            enricher.until("the events", () -> enricher.metric(EVENTS, POD) >= expected);
            double took = seconds(Duration.ofNanos(System.nanoTime() - from));
            row(
                    "enricher, followed",
                    "%,.0f events/s (%,d pods replaced in %.1f s)"
                            .formatted(replaced * EVENTS_PER_POD / took, replaced, took));
            // Each replaced pod causes at least three records: the identities of both pods, and the owners of the
            // address. Waits for at least two per pod.
            enricher.until(
                    "the records",
                    () -> enricher.metric("natator_enricher_records_written_total", "") >= written + 2.0 * replaced);
            row(
                    "enricher, until everything is written",
                    "%.1f s".formatted(seconds(Duration.ofNanos(System.nanoTime() - from))));
            memory("enricher, after that", enricher);
            row(
                    "enricher, held",
                    "%,.0f addresses, %,.0f spans, %,.0f identities"
                            .formatted(
                                    enricher.metric("natator_enricher_addresses", ""),
                                    enricher.metric("natator_enricher_history_spans", ""),
                                    enricher.metric("natator_enricher_identities", "")));
        }
    }

    private void topology(EmbeddedKafka kafka, Path state, String what) {
        try (var topology = new ServiceProcess(
                TopologyMain.class.getName(),
                List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx" + topologyHeap),
                List.of(
                        "--bootstrap-servers",
                        kafka.bootstrapServers(),
                        "--state-dir",
                        state.toString(),
                        "--application-id",
                        "bench-" + state.getFileName()))) {
            Duration running =
                    topology.until("the stream to run", () -> topology.log().contains("state=\"RUNNING\""));
            row(what, "runs after %.1f s".formatted(seconds(running)));
            memory(what, topology);
            row(what, "%.0f MiB on disk".formatted(mebibytesOf(state)));
        }
    }

    private static void memory(String what, ServiceProcess process) {
        row(
                what,
                "%.0f MiB live heap, %.0f MiB resident (maximum %.0f MiB), of which %.0f MiB are anonymous memory"
                        .formatted(
                                process.liveHeapMebibytes(),
                                process.residentMebibytes("VmRSS"),
                                process.residentMebibytes("VmHWM"),
                                process.residentMebibytes("RssAnon")));
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }

    private static void row(String what, String value) {
        System.out.printf("%-40s %s%n", what, value);
        System.out.flush();
    }

    private static String kubeconfig(int port) {
        return """
                apiVersion: v1
                kind: Config
                current-context: fake
                contexts: [{name: fake, context: {cluster: fake, user: fake}}]
                clusters: [{name: fake, cluster: {server: "http://127.0.0.1:%d"}}]
                users: [{name: fake, user: {token: none}}]
                """.formatted(port);
    }

    private static double mebibytesOf(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                            .mapToLong(file -> file.toFile().length())
                            .sum()
                    / 1048576.0;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                if (!file.toFile().delete()) {
                    file.toFile().deleteOnExit();
                }
            });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
