package io.natator.collector;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.natator.bpf.SocketSource;
import io.natator.collector.dns.DnsNames;
import io.natator.collector.handover.KafkaSender;
import io.natator.collector.handover.TopicCreation;
import io.natator.collector.owner.OwnerResolver;
import io.natator.collector.snapshot.BootClock;
import io.natator.collector.snapshot.SnapshotEncoder;
import io.natator.collector.snapshot.SnapshotMapper;
import io.natator.http.Answers;
import io.natator.http.HttpService;
import io.natator.schemas.SchemaRegistry;
import io.natator.schemas.Topic;
import io.natator.schemas.TopicSerdes;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node agent: it reads socket records from the kernel and sends them to Kafka. An instance can be started once and
 * closed once. A JVM can run several instances. Thread-safe.
 */
public final class CollectorApp implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CollectorApp.class);

    /**
     * Maximum time that {@link #close} waits for the loop to finish its current step, in addition to the shutdown
     * timeout.
     */
    private static final Duration LAST_STEP = Duration.ofSeconds(10);

    /** Opens a source of socket records. */
    @FunctionalInterface
    interface SourceOpener {
        SocketSource open(CollectorConfig config) throws CollectorStartException;
    }

    private final CollectorConfig config;
    private final SourceOpener opener;
    private final @Nullable SchemaRegistry schemas;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable HttpService http;
    private @Nullable SocketSource source;
    private @Nullable OwnerResolver owners;
    private @Nullable KafkaSender sender;
    private @Nullable TopicCreation topic;
    private @Nullable PrometheusMeterRegistry registry;
    private @Nullable Thread thread;

    /**
     * Creates a collector that reads from this machine's kernel.
     *
     * @throws IllegalArgumentException if the configuration has {@linkplain CollectorConfig#problems problems}
     */
    public CollectorApp(CollectorConfig config) {
        this(config, new BpfKernelSide()::open);
    }

    /**
     * Creates a collector that reads from the given source.
     *
     * @param source closed by the app, even if the app cannot start
     * @throws IllegalArgumentException if the configuration has {@linkplain CollectorConfig#problems problems}
     */
    public CollectorApp(CollectorConfig config, SocketSource source) {
        this(config, ignored -> source);
        this.source = source;
    }

    CollectorApp(CollectorConfig config, SourceOpener opener) {
        if (!config.problems().isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", config.problems()));
        }
        this.config = config;
        this.opener = opener;
        schemas = SchemaRegistry.in(config.kafka().clientProperties()).orElse(null);
    }

    /**
     * Opens the HTTP port, attaches the programs to the kernel, and starts to collect. If Kafka is unreachable, the app
     * starts nevertheless, and collects as soon as Kafka answers.
     *
     * @throws CollectorStartException if the app cannot start. It has closed everything that it had opened
     */
    public synchronized void start() throws CollectorStartException {
        if (thread != null || stop.getCount() == 0) {
            throw new IllegalStateException("a collector is started once");
        }
        try {
            launch();
        } catch (CollectorStartException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void launch() throws CollectorStartException {
        HttpService listening = listen();
        http = listening;
        SocketSource opened = opener.open(config);
        source = opened;
        BootClock clock = BootClock.ofThisMachine();
        OwnerResolver resolver = config.kernel().paths().ownerResolver();
        owners = resolver;
        resolver.watch();
        var encoder = new SnapshotEncoder(
                Topic.CONNECTIONS.name(config.kafka().topicPrefix()),
                serdes().connectionSnapshot().serializer(),
                config.kernel().filter(),
                resolver,
                new SnapshotMapper(config.node(), bootId(config.kernel().paths().procRoot()), clock::instant));
        var toKafka = new KafkaSender(() -> KafkaClients.producer(config), System::nanoTime);
        sender = toKafka;
        var creation = new TopicCreation(
                () -> KafkaClients.admin(config),
                config.kafka().topicPrefix(),
                topics(),
                config.kafka().partitions());
        topic = creation;
        Optional<DnsNames> names = dnsNames(opened, toKafka, clock);
        var loop = new CollectorLoop(
                config,
                opened,
                names,
                clock,
                new CollectorLoop.KafkaOutput(encoder, toKafka, creation),
                System::nanoTime);
        var meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry = meters;
        new CollectorMetrics(loop, opened.statistics().programs().keySet()).bindTo(meters);
        if (opened instanceof JointSource joint) {
            new UdpMetrics(joint, encoder.peers()).bindTo(meters);
        }
        names.ifPresent(figures -> new DnsMetrics(figures).bindTo(meters));
        Thread running = Thread.ofPlatform().name("natator-collector").start(() -> run(loop));
        thread = running;
        listening
                .guarded("/metrics", new MetricsHandler(meters.getPrometheusRegistry()))
                .open("/healthz", Answers.health(() -> Health.notAlive(running)))
                .open("/readyz", Answers.health(loop.health()::notReady))
                .start();
        log.atInfo()
                .addKeyValue("node", config.node().name())
                .addKeyValue("bootstrapServers", config.kafka().bootstrapServers())
                .addKeyValue("httpPort", listening.port())
                .log("Collecting");
    }

    private HttpService listen() throws CollectorStartException {
        try {
            return new HttpService(config.http());
        } catch (IOException e) {
            throw new CollectorStartException(String.valueOf(e.getMessage()), e);
        }
    }

    private static String bootId(Path proc) throws CollectorStartException {
        Path file = proc.resolve("sys/kernel/random/boot_id");
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new CollectorStartException(
                    "cannot read the boot id: " + e + ": give the mount of the host's proc with --proc-root", e);
        }
    }

    private List<Topic> topics() {
        return TopicCreation.neededTopics(config.kernel().udp().dnsNames());
    }

    private Optional<DnsNames> dnsNames(SocketSource opened, KafkaSender toKafka, BootClock clock) {
        return config.kernel().udp().dnsNames() && opened instanceof JointSource joint
                ? Optional.of(new DnsNames(
                        joint.answers(),
                        toKafka,
                        Topic.DNS_NAMES.name(config.kafka().topicPrefix()),
                        serdes().dnsName().serializer(),
                        config.node(),
                        clock::instant,
                        System::nanoTime))
                : Optional.empty();
    }

    private TopicSerdes serdes() {
        return TopicSerdes.of(schemas);
    }

    private void run(CollectorLoop loop) {
        try {
            serdes().register(config.kafka().topicPrefix(), topics());
        } catch (KafkaException e) {
            log.atError()
                    .addKeyValue("reason", e.getMessage())
                    .log("Could not register the schemas: nothing is collected");
            return;
        }
        try {
            long next = loop.runDue();
            while (!stop.await(next - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                next = loop.runDue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loop.drain();
    }

    /**
     * Returns the TCP port of {@code /metrics} and of the health checks.
     *
     * @throws IllegalStateException if the app is not started
     */
    public synchronized int httpPort() {
        if (http == null) {
            throw new IllegalStateException("the collector is not started");
        }
        return http.port();
    }

    /** Returns why the collector no longer collects, although it was not closed; empty while it collects. */
    public synchronized Optional<String> failure() {
        return thread == null ? Optional.empty() : Health.notAlive(thread);
    }

    /**
     * Reads from the kernel a last time, waits at most {@link Delivery#shutdownTimeout} until Kafka has acknowledged
     * all records, and closes everything. Events that Kafka has not acknowledged stay in the kernel for the next
     * collector. A second call does nothing.
     */
    @Override
    public synchronized void close() {
        stop.countDown();
        if (schemas != null) {
            // This ends a wait of the collecting thread for the schema registry. Records that are still being sent do
            // not need the registry, because their schemas are registered.
            schemas.close();
        }
        if (topic != null) {
            topic.close();
        }
        boolean ended = awaitLoop();
        if (sender != null && ended) {
            sender.close();
        }
        if (source != null && ended) {
            source.close();
        }
        if (owners != null) {
            owners.close();
        }
        if (http != null) {
            http.close();
        }
        if (registry != null) {
            registry.close();
        }
        topic = null;
        sender = null;
        source = null;
        owners = null;
        http = null;
        registry = null;
        thread = null;
    }

    /**
     * Waits for the collecting thread to end. Returns whether it has ended; only then it is safe to close the source.
     */
    private boolean awaitLoop() {
        if (thread == null) {
            return true;
        }
        try {
            if (thread.join(config.delivery().shutdownTimeout().plus(LAST_STEP))) {
                return true;
            }
            log.warn("The collecting thread did not end in time; its source stays open");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }
}
