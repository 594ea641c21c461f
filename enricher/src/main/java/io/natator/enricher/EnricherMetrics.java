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
                        .description("Objects reported by the API server")
                        .register(registry);
            }
            for (ExclusionReason reason : ExclusionReason.values()) {
                FunctionCounter.builder(
                                "natator.enricher.set.aside",
                                statistics,
                                all -> all.watch().excluded(kind, reason))
                        .tag("kind", kind.kind())
                        .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                        .description("Malformed objects and fields that were excluded")
                        .register(registry);
            }
            FunctionCounter.builder(
                            "natator.enricher.watch.resets",
                            statistics,
                            all -> all.watch().resets(kind))
                    .tag("kind", kind.kind())
                    .description("Lists repeated because a watch could not be resumed")
                    .register(registry);
            state(
                    registry,
                    kind,
                    "kind.listed",
                    "1 if the kind could be listed (on a standby: one object of it)",
                    known -> known.listing() == KindHealth.Listing.LISTED);
            state(registry, kind, "kind.watched", "1 while the kind is watched; 0 on a standby", KindHealth::watched);
        }
        size(
                registry,
                "addresses",
                "Addresses with a history",
                size -> size.histories().addresses());
        size(
                registry,
                "history.spans",
                "Spans in the histories of all addresses",
                size -> size.histories().spans());
        size(
                registry,
                "history.deepest",
                "Spans in the longest history",
                size -> size.histories().deepest());
        size(
                registry,
                "history.forgotten",
                "Spans dropped in this run because of --history-depth",
                size -> size.histories().forgotten());
        size(registry, "identities", "Records of pods and nodes", OwnershipModel.Size::identities);
        size(registry, "pods", "Pods that exist", OwnershipModel.Size::pods);
        size(
                registry,
                "pods.held.back",
                "Pods whose records wait for the look-up of their owners",
                OwnershipModel.Size::heldBack);
        size(registry, "controllers", "Controllers known", OwnershipModel.Size::controllers);
        counter(
                registry,
                "records.written",
                "Records committed to the topic",
                statistics.topic().written());
        counter(
                registry,
                "records.unreadable",
                "Records that could not be read back",
                statistics.topic().unreadable());
        counter(registry, "deposed", "Times that another writer took the topic over", statistics.deposed());
        Gauge.builder("natator.enricher.leader", isWriter, value -> value.getAsBoolean() ? 1 : 0)
                .description("1 while this enricher is the writer")
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
