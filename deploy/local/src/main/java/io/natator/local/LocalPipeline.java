package io.natator.local;

import io.natator.bpf.TcpTracker;
import io.natator.bpf.TcpTrackerOptions;
import io.natator.bpf.libbpf.BpfException;
import io.natator.collector.CollectorApp;
import io.natator.collector.CollectorConfig;
import io.natator.collector.CollectorStartException;
import io.natator.enricher.EnricherApp;
import io.natator.enricher.EnricherConfig;
import io.natator.enricher.cluster.ClusterAccessException;
import io.natator.topology.TopologyApp;
import io.natator.topology.TopologyConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a broker, topology-streams, the collector and, if a cluster is configured, the enricher in this process. As on a
 * cluster, the services exchange data only through Kafka. The BPF programs are not pinned, so they end with the
 * process.
 */
public final class LocalPipeline implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocalPipeline.class);
    /** The services listen on localhost only, because they run without access control. */
    private static final String HTTP_ADDRESS = "localhost";

    private static final int PARTITIONS = 3;
    private static final String DEPOSED = "another enricher writes to the same topics: stop it, or choose another"
            + " --topic-prefix or --no-kubernetes";

    private final String bootstrapServers;
    private final TopologyApp topology;
    private final CollectorApp collector;
    private final Optional<EnricherApp> enricher;
    private final Deque<AutoCloseable> parts;
    /** Completed with the reason when a part has failed and does not recover. */
    private final CompletableFuture<String> failure = new CompletableFuture<>();

    private LocalPipeline(
            String bootstrapServers,
            TopologyApp topology,
            CollectorApp collector,
            Optional<EnricherApp> enricher,
            Deque<AutoCloseable> parts) {
        this.bootstrapServers = bootstrapServers;
        this.topology = topology;
        this.collector = collector;
        this.enricher = enricher;
        this.parts = parts;
    }

    /**
     * Starts all parts. If one cannot start, the parts that are already running are stopped.
     *
     * @param progress receives a line for the user before each step that takes time
     * @throws StartException if a part cannot start; the message is one line for the user
     */
    public static LocalPipeline start(LocalConfig config, Consumer<String> progress) {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            parts.push(DataDirectoryLock.acquire(config.dataDirectory()));
            LocalPorts.check(config, runsEnricher(config));
            progress.accept("attaching to the kernel");
            // The connection tracker (the BPF programs) is opened first, because opening it fails at once if the user
            // is not root. The collector closes it.
            TcpTracker tracker = TcpTracker.open(TcpTrackerOptions.defaults());
            parts.push(tracker);
            String bootstrapServers =
                    config.kafka().bootstrapServers().orElseGet(() -> startKafka(config, parts, progress));
            progress.accept("starting topology-streams and the collector");
            var topology = new TopologyApp(topologyConfig(config, bootstrapServers));
            parts.push(topology);
            topology.start();
            Optional<EnricherApp> enricher = startEnricher(config, bootstrapServers, parts, progress);
            var collector = new CollectorApp(collectorConfig(config, bootstrapServers), tracker);
            parts.push(collector);
            collector.start();
            var pipeline = new LocalPipeline(bootstrapServers, topology, collector, enricher, parts);
            pipeline.awaitFailures();
            return pipeline;
        } catch (StartException
                | BpfException
                | CollectorStartException
                | ClusterAccessException
                | IOException
                | IllegalArgumentException
                | UncheckedIOException e) {
            var failure = new StartException(String.valueOf(e.getMessage()), e);
            closeAll(parts, failure);
            throw failure;
        }
    }

    private static String startKafka(LocalConfig config, Deque<AutoCloseable> parts, Consumer<String> progress) {
        progress.accept("starting Kafka");
        EmbeddedKafka kafka = EmbeddedKafka.start(
                config.dataDirectory().resolve("kafka"), config.kafka().port());
        parts.push(kafka);
        return kafka.bootstrapServers();
    }

    private static boolean runsEnricher(LocalConfig config) {
        return config.cluster().watched()
                && (config.cluster().kubeconfig().isPresent() || EnricherApp.clusterConfigured());
    }

    private static Optional<EnricherApp> startEnricher(
            LocalConfig config, String bootstrapServers, Deque<AutoCloseable> parts, Consumer<String> progress)
            throws IOException {
        if (!runsEnricher(config)) {
            return Optional.empty();
        }
        progress.accept("starting the enricher: a Kubernetes cluster is configured");
        List<String> options = options(config, bootstrapServers, config.ports().enricher());
        options.add("--no-leader-election");
        config.cluster().kubeconfig().ifPresent(file -> options.add("--kubeconfig=" + file));
        var enricher = new EnricherApp(EnricherConfig.fromOptions(options.toArray(String[]::new)));
        parts.push(enricher);
        enricher.start();
        return Optional.of(enricher);
    }

    /** The options that are passed to all services. */
    private static List<String> options(LocalConfig config, String bootstrapServers, int httpPort) {
        return new ArrayList<>(List.of(
                "--bootstrap-servers=" + bootstrapServers,
                "--topic-prefix=" + config.topicPrefix(),
                "--partitions=" + PARTITIONS,
                "--http-address=" + HTTP_ADDRESS,
                "--http-port=" + httpPort));
    }

    private static TopologyConfig topologyConfig(LocalConfig config, String bootstrapServers) throws IOException {
        Path state = Files.createDirectories(config.dataDirectory().resolve("state"));
        List<String> options = options(config, bootstrapServers, config.ports().topology());
        options.add("--state-dir=" + state);
        options.add("--threads=1");
        options.add("--identities=" + (runsEnricher(config) ? "enricher" : "none"));
        return TopologyConfig.fromOptions(options.toArray(String[]::new));
    }

    private static CollectorConfig collectorConfig(LocalConfig config, String bootstrapServers) {
        List<String> options = options(config, bootstrapServers, config.ports().collector());
        options.add("--node-name=" + HostName.ofKernel());
        options.add("--snapshot-interval=1s");
        options.add("--loopback=" + config.loopback());
        return CollectorConfig.fromOptions(options.toArray(String[]::new));
    }

    /** Kafka's address as {@code host:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** HTTP port of topology-streams, with {@code /metrics}, health checks and the API. */
    public int httpPort() {
        return topology.httpPort();
    }

    /** HTTP port of the collector. */
    public int collectorHttpPort() {
        return collector.httpPort();
    }

    /** HTTP port of the enricher; empty if no cluster is configured. */
    public Optional<Integer> enricherHttpPort() {
        return enricher.map(EnricherApp::httpPort);
    }

    /** Why the pipeline has failed, in one line; empty if all its parts work or can still recover. */
    public Optional<String> failure() {
        return failure.isDone() ? Optional.of(failure.join()) : collector.failure();
    }

    private void awaitFailures() {
        awaitFailure(topology::await);
        enricher.ifPresent(app -> awaitFailure(() -> app.await() ? Optional.empty() : Optional.of(DEPOSED)));
    }

    private void awaitFailure(Callable<Optional<String>> end) {
        Thread.ofVirtual().start(() -> {
            try {
                end.call().ifPresent(failure::complete);
            } catch (Exception e) { // Callable.call declares Exception
                failure.complete(e.toString());
            }
        });
    }

    /** Checks whether the API server of the cluster responds; empty if no cluster is configured. */
    Optional<ApiServerWatch.Check> apiServer() {
        return enricher.map(app -> app::isApiServerReachable);
    }

    /** Stops all parts, the collector first, and waits until the data that it read has been processed. */
    @Override
    public void close() {
        closeAll(parts, null);
    }

    private static void closeAll(Deque<AutoCloseable> parts, @Nullable StartException failure) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) { // AutoCloseable.close declares Exception
                if (failure != null) {
                    failure.addSuppressed(e);
                } else {
                    log.atWarn().setCause(e).log("A part of the pipeline failed to stop");
                }
            }
        }
    }
}
