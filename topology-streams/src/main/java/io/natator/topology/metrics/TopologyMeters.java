package io.natator.topology.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.natator.topology.statistics.Counter;
import io.natator.topology.statistics.DeadLetterReason;
import io.natator.topology.statistics.SnapshotCorrection;
import io.natator.topology.statistics.TopologyStatistics;
import io.natator.topology.statistics.UnresolvedReason;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;

/** Meters of the application, and the meters of Kafka Streams that show whether the stream falls behind. */
public final class TopologyMeters implements MeterBinder {
    private final TopologyStatistics statistics;
    private final Supplier<@Nullable KafkaStreams> streams;

    /**
     * Creates the meters.
     *
     * @param streams null before the stream is created; not closed here
     */
    public TopologyMeters(TopologyStatistics statistics, Supplier<@Nullable KafkaStreams> streams) {
        this.statistics = statistics;
        this.streams = streams;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        counter(
                registry,
                "snapshots",
                statistics.snapshots,
                "Connection snapshots that were processed and not sent to dead letters.");
        counter(
                registry,
                "collisions",
                statistics.collisions,
                "Connections whose fingerprint another connection already had (collisions).");
        counter(registry, "settled", statistics.settled, "Connections whose link was decided with all names known.");
        counter(
                registry,
                "settled.at.bound",
                statistics.settledAtBound,
                "Connections whose link was decided when --settle-after was over, with the names known at that time.");
        counter(
                registry,
                "moved.connections",
                statistics.movedConnections,
                "Connections that moved to a better link because a name became known after --settle-after.");
        Gauge.builder(
                        "natator.topology.identities.complete.timestamp",
                        statistics.completeness,
                        completeness -> completeness
                                .oldest()
                                .map(oldest -> oldest.completeAsOfMillis() / 1000.0)
                                .orElse(0.0))
                .baseUnit("seconds")
                .description(
                        "Time up to which the published identities of the cluster are complete, in seconds since the"
                                + " epoch; the earliest if there are several clusters, 0 if it is not known.")
                .register(registry);
        counter(
                registry,
                "evicted.ended",
                statistics.evictedEnded,
                "Connections that left the ledger because they had ended.");
        counter(
                registry,
                "evicted.idle",
                statistics.evictedIdle,
                "Connections that left the ledger because no end reported them for --idle-retention.");
        counter(
                registry,
                "folded.bytes",
                statistics.foldedBytes,
                "Payload bytes that collectors reported as sums of several closed connections.");
        counter(
                registry,
                "udp.left.bytes",
                statistics.udpServerBytes,
                "Payload bytes that UDP servers reported, and that no link counts because the clients report them"
                        + " too.");
        counter(
                registry,
                "within.pod.bytes",
                statistics.withinPodBytes,
                "Payload bytes of connections within a pod, which no link counts, such as those of an application to its"
                        + " sidecar.");
        counter(
                registry,
                "late.bytes",
                statistics.lateBytes,
                "Payload bytes that arrived after their time window was final. The totals count them, but no window"
                        + " does.");
        counter(registry, "activity.events", statistics.activityEvents, "Activity events published.");
        counter(
                registry,
                "activity.folded",
                statistics.activityFolded,
                "Activity events above --activity-limit that are published as sums.");
        counter(
                registry,
                "activity.dropped",
                statistics.activityDropped,
                "Activity events above --activity-limit that were dropped because too many sums of such"
                        + " events waited to be published.");
        counter(
                registry,
                "events.dropped.clients",
                statistics.disconnectedClients,
                "Clients of /api/events that were disconnected because they read too slowly.");
        counter(
                registry,
                "retired.links",
                statistics.retiredLinks,
                "Links that were retired (removed) because they were idle.");
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
                "DNS names that could not be decoded.");
        byReason(
                registry,
                "dead.letters",
                DeadLetterReason.values(),
                statistics::refused,
                "Records sent to dead letters, by reason.");
        byReason(
                registry,
                "unresolved",
                UnresolvedReason.values(),
                statistics::unresolved,
                "Ends of connections that were not named after a workload although they are in the cluster, by"
                        + " reason.");
        FunctionTimer.builder(
                        "natator.topology.hold.back",
                        statistics,
                        counts -> counts.settled.value() + counts.settledAtBound.value(),
                        counts -> counts.heldBackMicros.value(),
                        TimeUnit.MICROSECONDS)
                .description("Time that connections waited until their link was decided.")
                .register(registry);
        byReason(
                registry,
                "corrections",
                SnapshotCorrection.values(),
                statistics::corrected,
                "Snapshots with an implausible field that was corrected before processing, by field.");
        streamsGauge(
                registry,
                "records.lag",
                "records-lag",
                "Records of the input topics that are not read yet.",
                Double::sum);
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
                "Duration of the longest commit, in milliseconds.",
                Math::max,
                "stream-thread-metrics");
        streamsGauge(
                registry, "failed.threads", "failed-stream-threads", "Stream threads that have failed.", Double::sum);
        Gauge.builder("natator.topology.streams.alive.threads", this, TopologyMeters::aliveThreads)
                .description("Stream threads that are running.")
                .strongReference(true)
                .register(registry);
    }

    private static void foldedLinks(MeterRegistry registry, String into, Counter count) {
        FunctionCounter.builder("natator.topology.folded.links", count, Counter::value)
                .tag("into", into)
                .description("New links above --series-limit, by the series that counts them ('prefix': that of their"
                        + " address prefix, or 'other').")
                .register(registry);
    }

    private static void counter(MeterRegistry registry, String name, Counter count, String description) {
        FunctionCounter.builder("natator.topology." + name, count, Counter::value)
                .description(description)
                .register(registry);
    }

    private static <E extends Enum<E>> void byReason(
            MeterRegistry registry, String name, E[] reasons, Function<E, Counter> count, String description) {
        for (E reason : reasons) {
            FunctionCounter.builder("natator.topology." + name, count.apply(reason), Counter::value)
                    .tag("reason", lower(reason))
                    .description(description)
                    .register(registry);
        }
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
