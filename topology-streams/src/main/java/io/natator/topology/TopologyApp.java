package io.natator.topology;

import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.natator.schemas.SchemaRegistry;
import io.natator.schemas.Topic;
import io.natator.schemas.TopicSerdes;
import io.natator.topology.identity.NameLookup;
import io.natator.topology.identity.ReverseDns;
import io.natator.topology.link.LinkReader;
import io.natator.topology.metrics.LinkMetricsCollector;
import io.natator.topology.metrics.ProcessMeters;
import io.natator.topology.metrics.TopologyMeters;
import io.natator.topology.state.CommittedStores;
import io.natator.topology.state.StoreMemory;
import io.natator.topology.statistics.TopologyStatistics;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance of the topology: the stream and the HTTP server. One JVM can run several instances if each has its own
 * state directory or application id. {@link #start} returns when the HTTP server is running. The stream starts later,
 * when the broker answers. Thread-safe.
 */
public final class TopologyApp implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TopologyApp.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final TopologyConfig config;
    private final TopologyStatistics statistics = new TopologyStatistics();
    private final @Nullable SchemaRegistry schemas;
    private final CommittedStores stores = new CommittedStores();
    private final AtomicReference<@Nullable KafkaStreams> streams = new AtomicReference<>();
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Readiness readiness;
    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, new PrometheusRegistry(), Clock.SYSTEM);
    private final AtomicInteger partitions = new AtomicInteger();
    private @Nullable TopologyHttp http;
    private final @Nullable ReverseDns reverseDns;
    private @Nullable StoreMemory storeMemory;
    private @Nullable Thread starter;
    private boolean closed;

    /**
     * Creates an instance. It does nothing before {@link #start}.
     *
     * @throws IllegalArgumentException if the configuration is invalid; the message has one line for each problem
     */
    public TopologyApp(TopologyConfig config) {
        if (!config.problems().isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", config.problems()));
        }
        this.config = config;
        reverseDns = config.naming().reverseDns() ? new ReverseDns() : null;
        schemas = SchemaRegistry.in(config.kafka().clientProperties()).orElse(null);
        readiness = new Readiness(
                streams::get,
                failure::get,
                statistics,
                config.connections().heartbeatInterval(),
                InstantSource.system(),
                new IdentityFreshness(
                        config.naming().identities(),
                        config.connections().ledger().settleAfter(),
                        statistics,
                        InstantSource.system()));
    }

    /**
     * Starts the instance. Can be called only once.
     *
     * @throws IOException if the HTTP server cannot start; the message is one line with the reason. In this case the
     *     instance does not run
     */
    public synchronized void start() throws IOException {
        if (closed || http != null) {
            throw new IllegalStateException("started or closed before");
        }
        new ProcessMeters().bindTo(meters);
        var reader = new LinkReader(stores);
        meters.getPrometheusRegistry()
                .register(new LinkMetricsCollector(stores, config.http().carettaMetrics()));
        new TopologyMeters(statistics, streams::get).bindTo(meters);
        http = new TopologyHttp(
                config,
                new MetricsHandler(meters.getPrometheusRegistry()),
                reader,
                readiness,
                new TopologyHttp.Group(streams::get, partitions::get),
                TopicSerdes.of(schemas),
                statistics);
        log.atInfo()
                .addKeyValue("address", config.http().server().address())
                .addKeyValue("port", http.port())
                .log("The HTTP server has started");
        starter = Thread.ofPlatform().name("natator-topology-start").start(this::startStream);
    }

    /**
     * The port of the HTTP server.
     *
     * @throws IllegalStateException before {@link #start} and after {@link #close}
     */
    public synchronized int httpPort() {
        if (http == null) {
            throw new IllegalStateException("the HTTP server is not running");
        }
        return http.port();
    }

    /**
     * Waits until this instance is closed or fails.
     *
     * @return why the instance failed; empty if it was closed
     */
    public Optional<String> await() throws InterruptedException {
        ended.await();
        return Optional.ofNullable(failure.get());
    }

    /**
     * Stops the stream, which commits what it has processed, and releases all resources. A second call does nothing.
     */
    @Override
    public void close() {
        Thread starting;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            starting = starter;
        }
        if (starting != null) {
            starting.interrupt();
            join(starting);
        }
        KafkaStreams running = streams.get();
        // The instance leaves the group here, so that other instances get its partitions at once, not after the session
        // timeout.
        if (running != null
                && !running.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP)
                        .withTimeout(CLOSE_TIMEOUT))) {
            log.atWarn().log("The stream did not stop in time; uncommitted records are processed again");
        }
        if (reverseDns != null) {
            reverseDns.close();
        }
        if (schemas != null) {
            schemas.close();
        }
        synchronized (this) {
            if (http != null) {
                http.close();
                http = null;
            }
            if (storeMemory != null) {
                storeMemory.close();
                storeMemory = null;
            }
        }
        meters.close();
        ended.countDown();
    }

    private void startStream() {
        try {
            partitions.set(new BrokerPreparation(config).prepare());
            TopicSerdes serdes = TopicSerdes.of(schemas);
            serdes.register(config.kafka().topicPrefix(), List.of(Topic.LINKS, Topic.LINK_THROUGHPUT));
            TopologyConfig actual = config.withKafka(config.kafka().withPartitions(partitions.get()));
            String advertised;
            synchronized (this) {
                if (closed || http == null) {
                    return;
                }
                advertised = http.advertised();
                var memory = new StoreMemory(config.streams().stores().memoryBytes());
                storeMemory = memory;
                var created = new KafkaStreams(
                        NatatorTopology.build(
                                actual, statistics, reverseDns == null ? NameLookup.NONE : reverseDns, stores, serdes),
                        StreamsSettings.streamsConfig(actual, statistics, memory, advertised),
                        new TransactionalClients(stores::committed));
                streams.set(created);
                created.setUncaughtExceptionHandler(this::uncaught);
                created.setStateListener((now, before) -> changed(now));
                created.start();
            }
            log.atInfo()
                    .addKeyValue("applicationId", config.streams().applicationId())
                    .addKeyValue("partitions", partitions.get())
                    .addKeyValue("advertised", advertised)
                    .log("The stream has started");
        } catch (InterruptedException | InterruptException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            fail("the stream cannot start: " + reason(e), e);
        }
    }

    private void changed(KafkaStreams.State now) {
        log.atInfo().addKeyValue("state", now).log("The state of the stream has changed");
        if (now == KafkaStreams.State.ERROR) {
            failure.compareAndSet(null, "the stream has failed: see the log");
            ended.countDown();
        }
    }

    private StreamThreadExceptionResponse uncaught(Throwable thrown) {
        StreamThreadExceptionResponse response = StreamThreadFailures.response(thrown);
        if (response == StreamThreadExceptionResponse.REPLACE_THREAD) {
            log.atWarn().addKeyValue("reason", reason(thrown)).log("A stream thread failed and is replaced");
        } else {
            fail("the stream has failed: " + reason(thrown), thrown);
        }
        return response;
    }

    private void fail(String what, Throwable cause) {
        if (failure.compareAndSet(null, what)) {
            log.atError().setCause(cause).log(what);
        }
        ended.countDown();
    }

    private static String reason(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
