package io.natator.enricher;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.natator.enricher.cluster.ClusterHealth;
import io.natator.enricher.cluster.ExclusionReason;
import io.natator.enricher.cluster.KindHealth;
import io.natator.enricher.cluster.WatchStatistics.Event;
import io.natator.enricher.cluster.WatchedKind;
import io.natator.enricher.ownership.OwnershipModel;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The enricher's metrics, {@code natator.enricher.…}. */
final class EnricherMetrics implements MeterBinder {
    private final EnricherStatistics statistics;
    private final BooleanSupplier isWriter;
    private final Supplier<ClusterHealth> health;

    EnricherMetrics(EnricherStatistics statistics, BooleanSupplier isWriter, Supplier<ClusterHealth> health) {
        this.statistics = statistics;
        this.isWriter = isWriter;
        this.health = health;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (WatchedKind kind : WatchedKind.values()) {
            for (Event event : Event.values()) {
                FunctionCounter.builder(
                                "natator.enricher.events",
                                statistics,
                                all -> all.watch().events(kind, event))
                        .tag("kind", kind.kind())
                        .tag("event", event.name().toLowerCase(Locale.ROOT))
                        .description("Objects that the API server reported as added, updated or deleted")
                        .register(registry);
            }
            for (ExclusionReason reason : ExclusionReason.values()) {
                FunctionCounter.builder(
                                "natator.enricher.set.aside",
                                statistics,
                                all -> all.watch().excluded(kind, reason))
                        .tag("kind", kind.kind())
                        .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                        .description(
                                "Objects and fields of the API that the enricher ignored, because they are malformed or above a"
                                        + " limit")
                        .register(registry);
            }
            FunctionCounter.builder(
                            "natator.enricher.watch.resets",
                            statistics,
                            all -> all.watch().resets(kind))
                    .tag("kind", kind.kind())
                    .description("Repeated lists of a kind, because its watch could not be resumed")
                    .register(registry);
            state(
                    registry,
                    kind,
                    "kind.listed",
                    "1 if the enricher can list the kind, else 0; a standby checks this by listing one object",
                    known -> known.listing() == KindHealth.Listing.LISTED);
            state(
                    registry,
                    kind,
                    "kind.watched",
                    "1 while the enricher watches the kind, else 0; always 0 on a standby",
                    KindHealth::watched);
        }
        size(
                registry,
                "addresses",
                "Addresses for which a history of owners is stored",
                size -> size.histories().addresses());
        size(
                registry,
                "history.spans",
                "Spans (periods with one owner) in the histories of all addresses",
                size -> size.histories().spans());
        size(
                registry,
                "history.deepest",
                "Spans in the longest history of an address",
                size -> size.histories().deepest());
        size(
                registry,
                "history.forgotten",
                "Spans dropped in this run because an address had more than --history-depth",
                size -> size.histories().forgotten());
        size(
                registry,
                "identities",
                "Pods and nodes whose identity is stored, including recently deleted ones",
                OwnershipModel.Size::identities);
        size(registry, "pods", "Pods that exist in the cluster", OwnershipModel.Size::pods);
        size(
                registry,
                "pods.held.back",
                "Pods that are not published yet because their controllers are being looked up",
                OwnershipModel.Size::heldBack);
        size(
                registry,
                "controllers",
                "Controllers that are stored, from watches and look-ups",
                OwnershipModel.Size::controllers);
        size(
                registry,
                "unresolved.host.names",
                "Host names of load balancers without a known address, including those above the limit of 1000",
                size -> size.network().unresolvedHostNames());
        size(
                registry,
                "pod.ranges",
                "Combined ranges of pod addresses from spec.podCIDRs of all nodes, of which at most 4096 are published",
                size -> size.network().podRanges());
        counter(
                registry,
                "records.written",
                "Records that the enricher has committed to the topic identities",
                statistics.topic().written());
        counter(
                registry,
                "records.unreadable",
                "Records of the topic identities that could not be decoded when the enricher read them back",
                statistics.topic().unreadable());
        counter(
                registry,
                "deposed",
                "How many times another enricher took the topic over from this one",
                statistics.deposed());
        Gauge.builder(
                        "natator.enricher.complete.timestamp.seconds",
                        statistics,
                        all -> all.completeAsOf().getEpochSecond())
                .description("Time up to which the topic identities contains everything that happened in the"
                        + " cluster, in seconds since the epoch; 0 before the first such time and on a standby")
                .register(registry);
        Gauge.builder("natator.enricher.leader", isWriter, value -> value.getAsBoolean() ? 1 : 0)
                .description("1 while this enricher writes to the topic, else 0")
                .strongReference(true)
                .register(registry);
    }

    private void state(
            MeterRegistry registry, WatchedKind kind, String name, String description, Predicate<KindHealth> value) {
        Gauge.builder(
                        "natator.enricher." + name,
                        health,
                        known -> value.test(known.get().of(kind)) ? 1 : 0)
                .tag("kind", kind.kind())
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    private void size(
            MeterRegistry registry, String name, String description, ToDoubleFunction<OwnershipModel.Size> value) {
        Gauge.builder("natator.enricher." + name, statistics, all -> value.applyAsDouble(all.size()))
                .description(description)
                .register(registry);
    }

    private static void counter(MeterRegistry registry, String name, String description, LongAdder adder) {
        FunctionCounter.builder("natator.enricher." + name, adder, LongAdder::sum)
                .description(description)
                .register(registry);
    }
}
