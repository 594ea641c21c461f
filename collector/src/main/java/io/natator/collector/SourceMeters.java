package io.natator.collector;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.natator.bpf.KernelStatistic;
import io.natator.bpf.SocketSourceStatistics;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Registers meters for the statistics of a source.
 *
 * @param registry the registry of the meters
 * @param prefix beginning of every meter's name
 * @param owner object that the statistics are read from; the registry holds only a weak reference to it
 * @param statistics returns the latest statistics of the owner; called on any thread
 */
record SourceMeters<T>(MeterRegistry registry, String prefix, T owner, Function<T, SocketSourceStatistics> statistics) {
    /** Registers a counter for one of the numbers that the BPF programs count. */
    void count(String name, String description, KernelStatistic statistic) {
        total(name, description, figures -> figures.count(statistic));
    }

    /** Registers a counter for a number that only increases. */
    void total(String name, String description, ToLongFunction<SocketSourceStatistics> value) {
        FunctionCounter.builder(prefix + name, owner, it -> value.applyAsLong(statistics.apply(it)))
                .description(description)
                .register(registry);
    }

    /** Registers a gauge for a number that can also decrease. */
    void gauge(String name, String description, ToLongFunction<SocketSourceStatistics> value) {
        Gauge.builder(prefix + name, owner, it -> value.applyAsLong(statistics.apply(it)))
                .description(description)
                .register(registry);
    }

    /** Registers the meters that TCP and UDP share: ring buffer, sums per address pair, discarded records. */
    void bindCommon() {
        gauge(
                "ring.bytes",
                "Used bytes of the ring buffer",
                figures -> figures.ring().used());
        gauge(
                "ring.capacity.bytes",
                "Size of the ring buffer",
                figures -> figures.ring().capacity());
        gauge(
                "fold.entries",
                "Address pairs for which the kernel side stores a sum of bytes",
                figures -> figures.fold().used());
        gauge(
                "fold.capacity",
                "Maximum number of address pairs for which the kernel side stores a sum of bytes",
                figures -> figures.fold().capacity());
        total(
                "records.discarded",
                "Records left by another version of the kernel side that could not be read",
                SocketSourceStatistics::discarded);
    }
}
