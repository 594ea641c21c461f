package io.natator.topology.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.natator.topology.state.Counter;
import io.natator.topology.state.TopologyStatistics;
import io.natator.topology.state.TopologyStatistics.Correction;
import io.natator.topology.state.TopologyStatistics.Refusal;
import io.natator.topology.state.TopologyStatistics.Unresolved;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;

/** The application's own meters, and the few of Kafka Streams' that tell whether it keeps up. */
public final class TopologyMeters implements MeterBinder {
    private final TopologyStatistics statistics;
    private final Supplier<@Nullable KafkaStreams> streams;

    /**
     * Meters.
     *
     * @param streams null as long as there is none; not closed here
     */
    public TopologyMeters(TopologyStatistics statistics, Supplier<@Nullable KafkaStreams> streams) {
        this.statistics = statistics;
        this.streams = streams;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        counter(registry, "snapshots", statistics.snapshots, "Connection snapshots processed.");
        counter(registry, "collisions", statistics.collisions, "Connections that met another under their fingerprint.");
        counter(registry, "settled", statistics.settled, "Connections attributed with all wanted known.");
        counter(registry, "settled.at.bound", statistics.settledAtBound, "Connections attributed at the bound.");
        counter(registry, "evicted.ended", statistics.evictedEnded, "Connections that left the ledger, ended.");
        counter(registry, "evicted.idle", statistics.evictedIdle, "Connections that left the ledger, unheard.");
        counter(registry, "folded.bytes", statistics.foldedBytes, "Payload bytes of folded connections.");
        counter(
                registry,
                "udp.left.bytes",
                statistics.udpServerBytes,
                "Payload bytes of UDP servers' halves, left to their clients' halves to count.");
        counter(
                registry,
                "late.bytes",
                statistics.lateBytes,
                "Payload bytes too late for their window, in totals only.");
        counter(registry, "activity.events", statistics.activityEvents, "Activity events written.");
        counter(registry, "activity.folded", statistics.activityFolded, "Activity events told in sums: too many.");
        counter(registry, "activity.dropped", statistics.activityDropped, "Activity events not told: far too many.");
        counter(
                registry,
                "events.dropped.clients",
                statistics.disconnectedClients,
                "Listeners to events that did not keep up and were dropped.");
        counter(registry, "retired.links", statistics.retiredLinks, "Links that left because they were idle.");
        foldedLinks(registry, "prefix", statistics.prefixedLinks);
        foldedLinks(registry, "other", statistics.otherLinks);
        counter(
                registry,
                "undecodable.identities",
                statistics.undecodableIdentities,
                "Identities that could not be decoded.");
        counter(
                registry,
                "undecodable.dns.names",
                statistics.undecodableDnsNames,
                "Names asked for in the DNS that could not be decoded.");
        for (Refusal reason : Refusal.values()) {
            Counter count = statistics.refused(reason);
            FunctionCounter.builder("natator.topology.dead.letters", count, Counter::value)
                    .tag("reason", lower(reason))
                    .description("Records set aside.")
                    .register(registry);
        }
        for (Unresolved reason : Unresolved.values()) {
            Counter count = statistics.unresolved(reason);
            FunctionCounter.builder("natator.topology.unresolved", count, Counter::value)
                    .tag("reason", lower(reason))
                    .description("Ends of connections without the name they should have.")
                    .register(registry);
        }
        FunctionTimer.builder(
                        "natator.topology.hold.back",
                        statistics,
                        counts -> counts.settled.value() + counts.settledAtBound.value(),
                        counts -> counts.heldBackMicros.value(),
                        TimeUnit.MICROSECONDS)
                .description("Time that connections waited until they were attributed.")
                .register(registry);
        for (Correction correction : Correction.values()) {
            Counter count = statistics.corrected(correction);
            FunctionCounter.builder("natator.topology.corrections", count, Counter::value)
                    .tag("reason", lower(correction))
                    .description("Records set right.")
                    .register(registry);
        }
        streamsGauge(registry, "records.lag", "records-lag", "Records not read yet.", Double::sum);
        streamsGauge(
                registry,
                "process.rate",
                "process-rate",
                "Records processed per second.",
                Double::sum,
                "stream-thread-metrics");
        streamsGauge(
                registry,
                "commit.latency.max",
                "commit-latency-max",
                "Longest commit, milliseconds.",
                Math::max,
                "stream-thread-metrics");
        streamsGauge(
                registry, "failed.threads", "failed-stream-threads", "Stream threads that have failed.", Double::sum);
        Gauge.builder("natator.topology.streams.alive.threads", this, TopologyMeters::aliveThreads)
                .description("Stream threads at work.")
                .strongReference(true)
                .register(registry);
    }

    private static void foldedLinks(MeterRegistry registry, String into, Counter count) {
        FunctionCounter.builder("natator.topology.folded.links", count, Counter::value)
                .tag("into", into)
                .description("New links beyond the series limit, counted under their address's prefix or in 'other'.")
                .register(registry);
    }

    private static void counter(MeterRegistry registry, String name, Counter count, String description) {
        FunctionCounter.builder("natator.topology." + name, count, Counter::value)
                .description(description)
                .register(registry);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private void streamsGauge(
            MeterRegistry registry, String name, String kafkaName, String description, DoubleBinaryOperator combine) {
        streamsGauge(registry, name, kafkaName, description, combine, "");
    }

    private void streamsGauge(
            MeterRegistry registry,
            String name,
            String kafkaName,
            String description,
            DoubleBinaryOperator combine,
            String group) {
        Gauge.builder("natator.topology.streams." + name, this, self -> self.combined(kafkaName, group, combine))
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    private double combined(String name, String group, DoubleBinaryOperator combine) {
        KafkaStreams running = streams.get();
        if (running == null) {
            return 0;
        }
        return running.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals(name)
                        && (group.isEmpty() || metric.getKey().group().equals(group)))
                .map(metric -> metric.getValue().metricValue())
                .filter(Number.class::isInstance)
                .mapToDouble(value -> ((Number) value).doubleValue())
                .filter(Double::isFinite)
                .reduce(0, combine);
    }

    private double aliveThreads() {
        KafkaStreams running = streams.get();
        return running == null ? 0 : running.metadataForLocalThreads().size();
    }
}
