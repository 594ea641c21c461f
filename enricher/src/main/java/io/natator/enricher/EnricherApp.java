package io.natator.enricher;

import com.sun.net.httpserver.HttpExchange;
import io.fabric8.kubernetes.client.Config;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.natator.enricher.cluster.ApiReader;
import io.natator.enricher.cluster.ClusterAccess;
import io.natator.enricher.cluster.ClusterConnection;
import io.natator.enricher.cluster.ClusterHealth;
import io.natator.enricher.cluster.ClusterProbe;
import io.natator.enricher.cluster.Leadership;
import io.natator.enricher.publish.DeposedException;
import io.natator.enricher.publish.IdentityTopic;
import io.natator.http.Answers;
import io.natator.http.HttpService;
import io.natator.schemas.SchemaRegistry;
import io.natator.schemas.TopicSerdes;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a cluster and writes who owned which address when. Start it once; several can live in one process.
 */
public final class EnricherApp implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EnricherApp.class);
    private static final Duration STOP_BY_ITSELF = Duration.ofSeconds(3);
    private static final Duration STOP_BY_INTERRUPT = Duration.ofSeconds(10);
    private static final Duration PAUSE_AFTER_DEPOSITION = Duration.ofSeconds(2);

    private final EnricherConfig config;
    private final Config access;
    private final Leadership.Timing timing;
    private final InstantSource clock;
    private final @Nullable SchemaRegistry schemas;
    private final EnricherStatistics statistics = new EnricherStatistics();
    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    /** Wakes the writer when it starts or stops to lead. */
    private final Semaphore changes = new Semaphore(0);

    private @Nullable ClusterConnection connection;
    private @Nullable ApiReader reader;
    private @Nullable Standby standby;
    private @Nullable Leadership leadership;
    private @Nullable HttpService http;
    private @Nullable Thread writer;
    private volatile @Nullable Term term;
    private volatile boolean closed;
    /** True when closed, false when it stopped by itself. */
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

    /**
     * @throws IllegalArgumentException with every problem of the configuration, one a line
     * @throws io.natator.enricher.cluster.ClusterAccessException if it cannot be told how to reach the cluster
     */
    public EnricherApp(EnricherConfig config) {
        this(
                config,
                ClusterAccess.resolve(
                        config.cluster().kubeconfig(), config.cluster().context()),
                Leadership.Timing.USUAL,
                InstantSource.system());
    }

    EnricherApp(EnricherConfig config, Config access, Leadership.Timing timing, InstantSource clock) {
        if (!config.problems().isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", config.problems()));
        }
        this.config = config;
        this.access = access;
        this.timing = timing;
        this.clock = clock;
        schemas = SchemaRegistry.in(config.kafka().clientProperties()).orElse(null);
    }

    /** True if a kubeconfig or a pod's service account is found, so that there may be a cluster to watch. */
    public static boolean clusterConfigured() {
        return ClusterAccess.isConfigured();
    }

    /**
     * Starts in the background; an unreachable broker or API server is waited for.
     *
     * @throws IOException if HTTP cannot be served, with one line for a person; nothing is running then
     */
    public void start() throws IOException {
        http = new HttpService(config.http())
                .guarded("/metrics", new MetricsHandler(metrics.getPrometheusRegistry()))
                .open("/healthz", exchange -> Answers.text(exchange, 200, "alive"))
                .open("/readyz", this::answerReadiness)
                .start();
        new EnricherMetrics(statistics, this::isWriter, this::health).bindTo(metrics);
        ClusterConnection connected = ClusterAccess.connect(access);
        connection = connected;
        var apiReader = new ApiReader(connected);
        reader = apiReader;
        if (config.election().enabled().orElseGet(ClusterAccess::isInCluster)) {
            String namespace = config.election().namespace().orElseGet(() -> ClusterAccess.ownNamespace(access));
            leadership = new Leadership(
                    connected, namespace, config.election().lease(), ownName(), timing, changes::release);
            leadership.start();
            standby = new Standby(
                    new ClusterProbe(apiReader, config.cluster().namespaces()), () -> !closed && !isWriter());
            standby.start();
        }
        writer = Thread.ofPlatform().name("enricher-writer").start(this::work);
        log.atInfo()
                .addKeyValue("apiServer", access.getMasterUrl())
                .addKeyValue("httpPort", httpPort())
                .addKeyValue("leaderElection", leadership != null)
                .log("Enricher started");
    }

    private static String ownName() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            host = "unknown-host";
        }
        return host + "_" + UUID.randomUUID();
    }

    private boolean isWanted() {
        Leadership election = leadership;
        return !closed && (election == null || election.isLeading());
    }

    private boolean isWriter() {
        return term != null;
    }

    private void work() {
        try {
            while (!closed && !ended.isDone()) {
                if (isWanted()) {
                    workOneTerm();
                } else {
                    changes.acquire();
                    changes.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            log.debug("Writer stopped");
        }
    }

    private void workOneTerm() throws InterruptedException {
        ApiReader cluster = reader;
        if (cluster == null) {
            throw new IllegalStateException("not started");
        }
        try (var topic = new IdentityTopic(
                kafkaConfig(),
                TopicSerdes.of(schemas),
                config.kafka().topicPrefix(),
                config.kafka().partitions(),
                this::isWanted,
                statistics.written(),
                statistics.unreadable())) {
            var current = new Term(config, cluster, topic, statistics, clock, this::isWanted);
            term = current;
            current.run();
        } catch (DeposedException e) {
            statistics.deposed().increment();
            stepAside();
        } catch (InterruptException e) {
            throw new InterruptedException(e.getMessage()); // closed while Kafka's client waited
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("The writer failed unexpectedly: it starts over: please report this");
            term = null;
            Thread.sleep(PAUSE_AFTER_DEPOSITION);
        } finally {
            term = null;
            statistics.clearSize();
        }
    }

    /** Elected, it may be elected again; by itself it would only take the topic back, and so on for ever. */
    private void stepAside() throws InterruptedException {
        term = null;
        if (leadership != null) {
            log.atWarn().log("Another enricher has taken over the topic: this one waits for the next election");
            Thread.sleep(PAUSE_AFTER_DEPOSITION);
            return;
        }
        log.atError()
                .log("Another enricher has taken over the topic, so this one stops: run one per topic, or switch on"
                        + " leader election, or give each cluster its own topic prefix");
        ended.complete(false);
    }

    /**
     * Waits until it is closed, or stops by itself because another one writes to its topic.
     *
     * @return true if it was closed
     */
    public boolean await() throws InterruptedException {
        try {
            return ended.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // never completed so
        }
    }

    private Map<String, Object> kafkaConfig() {
        Map<String, Object> properties = new HashMap<>(config.kafka().clientProperties());
        properties.put(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
        properties.putIfAbsent(CommonClientConfigs.CLIENT_ID_CONFIG, "natator-enricher");
        return properties;
    }

    /** Whether the service does its work, and what to tell about it in one line. */
    private record Readiness(boolean ready, String text) {}

    private void answerReadiness(HttpExchange exchange) throws IOException {
        Readiness now = readiness();
        Answers.text(exchange, now.ready() ? 200 : 503, now.text());
    }

    private Readiness readiness() {
        Term current = term;
        if (current != null) {
            String unready = current.unready();
            return unready.isEmpty() ? ready("ready", current.health()) : new Readiness(false, unready);
        }
        if (ended.isDone()) {
            return new Readiness(false, "stopped: another enricher has taken over the topic");
        }
        Leadership election = leadership;
        if (election == null) {
            return new Readiness(false, "starting");
        }
        if (!election.trouble().isEmpty()) {
            return new Readiness(false, "waiting for the leader election: " + election.trouble());
        }
        if (election.leader().isEmpty() || election.isLeading()) {
            return new Readiness(false, "waiting for the leader election");
        }
        String standingBy = "standing by for " + election.leader();
        ClusterHealth health = health();
        return health.unready().isEmpty()
                ? ready(standingBy, health)
                : new Readiness(false, standingBy + ", and could not take over: " + health.unready());
    }

    private static Readiness ready(String text, ClusterHealth health) {
        return new Readiness(true, health.refused().isEmpty() ? text : text + ", but " + health.refused());
    }

    /** What can be read of the cluster: by the writer while it writes, else by probes. */
    private ClusterHealth health() {
        Term current = term;
        if (current != null) {
            return current.health();
        }
        Standby waiting = standby;
        return waiting == null ? ClusterHealth.UNKNOWN : waiting.health();
    }

    /** True once the topic agrees with the cluster, or while another enricher leads. */
    public boolean isReady() {
        return readiness().ready();
    }

    /** The port it serves HTTP on. */
    public int httpPort() {
        if (http == null) {
            throw new IllegalStateException("not started");
        }
        return http.port();
    }

    /** The application's own metrics; closed with it. */
    PrometheusMeterRegistry metrics() {
        return metrics;
    }

    /** Stops watching, and lets go of the topic and the Lease. What has not been written, the next run will notice. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        changes.release();
        if (schemas != null) {
            schemas.close();
        }
        if (writer != null) {
            stop(writer);
        }
        if (leadership != null) {
            leadership.close();
        }
        if (standby != null) {
            standby.close();
        }
        if (reader != null) {
            reader.close();
        }
        if (connection != null) {
            connection.close();
        }
        if (http != null) {
            http.close();
        }
        metrics.close();
        ended.complete(true);
    }

    /** Kafka's clients stop more quietly by themselves than by an interrupt, which is for those that wait. */
    private static void stop(Thread thread) {
        try {
            if (!thread.join(STOP_BY_ITSELF)) {
                thread.interrupt();
                thread.join(STOP_BY_INTERRUPT);
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
