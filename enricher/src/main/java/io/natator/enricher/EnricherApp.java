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
import io.natator.enricher.cluster.LeaderElection;
import io.natator.enricher.publish.DeposedException;
import io.natator.enricher.publish.IdentityTopic;
import io.natator.http.Answers;
import io.natator.http.HttpService;
import io.natator.schemas.SchemaRegistry;
import io.natator.schemas.TopicSerdes;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a cluster and writes to Kafka which object owned each address, and when. Call {@link #start} once per
 * instance. One process can run several instances.
 */
public final class EnricherApp implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EnricherApp.class);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration INTERRUPT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration RESTART_PAUSE = Duration.ofSeconds(2);

    private final EnricherConfig config;
    private final Config access;
    private final LeaderElection.Timing timing;
    private final InstantSource clock;
    private final @Nullable SchemaRegistry schemas;
    private final EnricherStatistics statistics = new EnricherStatistics();
    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    /** Gets a permit when this enricher starts or stops leading, which wakes the writer's thread. */
    private final Semaphore leadershipChanges = new Semaphore(0);

    private @Nullable ClusterConnection connection;
    private @Nullable ApiReader reader;
    private @Nullable StandbyProbe standby;
    private @Nullable LeaderElection election;
    private @Nullable HttpService http;
    private @Nullable Thread writer;
    private volatile @Nullable WriterTerm term;
    private volatile boolean closed;
    /** Completed with true by {@link #close}, and with false if another enricher has taken over the topic. */
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

    /**
     * @throws IllegalArgumentException with every problem of the configuration, one per line
     * @throws io.natator.enricher.cluster.ClusterAccessException if the cluster cannot be accessed as configured
     */
    public EnricherApp(EnricherConfig config) {
        this(
                config,
                ClusterAccess.resolve(
                        config.cluster().kubeconfig(), config.cluster().context()),
                LeaderElection.Timing.DEFAULT,
                InstantSource.system());
    }

    EnricherApp(EnricherConfig config, Config access, LeaderElection.Timing timing, InstantSource clock) {
        if (!config.problems().isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", config.problems()));
        }
        this.config = config;
        this.access = access;
        this.timing = timing;
        this.clock = clock;
        schemas = SchemaRegistry.in(config.kafka().clientProperties()).orElse(null);
    }

    /** Returns true if a kubeconfig or a pod's service account is found. */
    public static boolean clusterConfigured() {
        return ClusterAccess.isConfigured();
    }

    /**
     * Starts the enricher in the background. While Kafka or the API server is unreachable, the enricher retries.
     *
     * @throws IOException if the HTTP server cannot start; nothing was started then. The message is one line for a
     *     person
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
        if (config.election().isEnabled()) {
            String namespace = config.election().namespace().orElseGet(() -> ClusterAccess.ownNamespace(access));
            election = new LeaderElection(
                    connected,
                    new LeaderElection.LeaseName(
                            namespace,
                            config.cluster().name().appendTo(config.election().lease())),
                    LeaderElection.uniqueIdentity(),
                    timing,
                    leadershipChanges::release);
            election.start();
            standby = new StandbyProbe(
                    new ClusterProbe(apiReader, config.cluster().namespaces()), () -> !closed && !isWriter());
            standby.start();
        }
        writer = Thread.ofPlatform().name("enricher-writer").start(this::runWriter);
        log.atInfo()
                .addKeyValue("apiServer", access.getMasterUrl())
                .addKeyValue("httpPort", httpPort())
                .addKeyValue("leaderElection", election != null)
                .log("Enricher started");
    }

    private boolean isWanted() {
        LeaderElection current = election;
        return !closed && (current == null || current.isLeading());
    }

    private boolean isWriter() {
        return term != null;
    }

    private void runWriter() {
        try {
            while (!closed && !ended.isDone()) {
                if (isWanted()) {
                    runOneTerm();
                } else {
                    leadershipChanges.acquire();
                    leadershipChanges.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            log.debug("Writer stopped");
        }
    }

    private void runOneTerm() throws InterruptedException {
        ApiReader cluster = reader;
        if (cluster == null) {
            throw new IllegalStateException("not started");
        }
        try (var topic = new IdentityTopic(
                config.kafkaClientConfig(),
                TopicSerdes.of(schemas),
                new IdentityTopic.Place(
                        config.kafka().topicPrefix(),
                        config.cluster().name(),
                        config.kafka().partitions()),
                this::isWanted,
                statistics.topic())) {
            var current = new WriterTerm(config, cluster, topic, statistics, clock, this::isWanted);
            term = current;
            current.run();
        } catch (DeposedException e) {
            statistics.deposed().increment();
            onDeposed();
        } catch (InterruptException e) {
            throw new InterruptedException(e.getMessage()); // this enricher was closed while Kafka's client waited
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("The writer failed unexpectedly: it is restarted: please report this");
            term = null;
            Thread.sleep(RESTART_PAUSE);
        } finally {
            term = null;
            statistics.clearSize();
        }
    }

    /**
     * Reacts when another enricher has taken over the topic {@code identities}. With leader election, this enricher
     * waits to be elected again. Without leader election it stops, because two enrichers would take the topic from each
     * other for ever.
     */
    private void onDeposed() throws InterruptedException {
        term = null;
        if (election != null) {
            log.atWarn().log("Another enricher has taken over the topic: this one waits for the next election");
            Thread.sleep(RESTART_PAUSE);
            return;
        }
        log.atError()
                .log("Another enricher of the same cluster has taken over the topic, so this one stops: run one per"
                        + " cluster, or switch on leader election, or give each cluster a --cluster-name of its own");
        ended.complete(false);
    }

    /**
     * Waits until this enricher is closed, or until it stops because another enricher has taken over its topic.
     *
     * @return true if this enricher was closed; false if another enricher has taken over its topic
     */
    public boolean await() throws InterruptedException {
        try {
            return ended.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // never happens: ended is never completed exceptionally
        }
    }

    private void answerReadiness(HttpExchange exchange) throws IOException {
        EnricherReadiness now = readiness();
        Answers.text(exchange, now.ready() ? 200 : 503, now.text());
    }

    private EnricherReadiness readiness() {
        WriterTerm current = term;
        return current == null
                ? EnricherReadiness.ofStandby(ended.isDone(), election, health())
                : EnricherReadiness.ofWriter(current.unready(), current.health());
    }

    /**
     * Which kinds of objects this enricher can read from the API server, according to its watches while it writes, and
     * according to its last test requests while it is a standby.
     */
    private ClusterHealth health() {
        WriterTerm current = term;
        if (current != null) {
            return current.health();
        }
        StandbyProbe waiting = standby;
        return waiting == null ? ClusterHealth.UNKNOWN : waiting.health();
    }

    /**
     * Returns true if the topic {@code identities} agrees with the cluster, or if this enricher is a standby that could
     * take over.
     */
    public boolean isReady() {
        return readiness().ready();
    }

    /** Sends a request to the API server. Returns whether the API server responded. */
    public boolean isApiServerReachable() throws InterruptedException {
        if (reader == null) {
            throw new IllegalStateException("not started");
        }
        return reader.isServing();
    }

    /** The port of the HTTP server. */
    public int httpPort() {
        if (http == null) {
            throw new IllegalStateException("not started");
        }
        return http.port();
    }

    /** The metrics of this enricher. {@link #close} closes the registry. */
    PrometheusMeterRegistry metrics() {
        return metrics;
    }

    /**
     * Stops watching the cluster and writing to the topic, and releases the Lease. Changes of the cluster that were not
     * written yet are not lost: the next run finds them by comparing the topic with the cluster.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        leadershipChanges.release();
        if (schemas != null) {
            schemas.close();
        }
        if (writer != null) {
            stop(writer);
        }
        if (election != null) {
            election.close();
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

    /**
     * Waits until the thread ends. Interrupts it only if it has not ended after a few seconds, because Kafka's clients
     * log interrupts.
     */
    private static void stop(Thread thread) {
        try {
            if (!thread.join(STOP_TIMEOUT)) {
                thread.interrupt();
                thread.join(INTERRUPT_TIMEOUT);
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
