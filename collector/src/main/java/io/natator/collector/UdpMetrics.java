package io.natator.collector;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.natator.bpf.KernelStatistic;
import io.natator.bpf.SocketSourceStatistics;
import java.util.function.ToLongFunction;

/** The collector's metrics about UDP; bound only if UDP is counted. */
final class UdpMetrics implements MeterBinder {
    private static final String PREFIX = "natator.collector.udp.";

    /** The registry references it weakly; the collecting thread strongly. */
    private final JointSource source;

    UdpMetrics(JointSource source) {
        this.source = source;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        figure(
                registry,
                "flows.live",
                "Flows tracked now",
                figures -> figures.live().used());
        figure(
                registry,
                "flows.capacity",
                "Maximum of flows that are tracked",
                figures -> figures.live().capacity());
        count(registry, "flows.begun", "Flows begun", KernelStatistic.OPENED);
        count(registry, "flows.ended", "Flows ended after a pause", KernelStatistic.CLOSED);
        count(
                registry,
                "datagrams.folded",
                "Datagrams above the capacity for flows: only their bytes per address pair were stored",
                KernelStatistic.FOLDED);
        count(registry, "datagrams.lost", "Datagrams for which no capacity was left", KernelStatistic.LOST);
        count(
                registry,
                "datagrams.left.out",
                "Datagrams that the kernel side's filter excludes",
                KernelStatistic.EXCLUDED);
        figure(
                registry,
                "ring.bytes",
                "Bytes in the ring buffer that are not released",
                figures -> figures.ring().used());
        figure(
                registry,
                "ring.capacity.bytes",
                "Size of the ring buffer",
                figures -> figures.ring().capacity());
        figure(
                registry,
                "fold.entries",
                "Address pairs that bytes are summed up for",
                figures -> figures.fold().used());
        figure(
                registry,
                "fold.capacity",
                "Maximum of address pairs that bytes are summed up for",
                figures -> figures.fold().capacity());
        total(
                registry,
                "records.discarded",
                "Records of another version that could not be read",
                SocketSourceStatistics::discarded);
    }

    private void count(MeterRegistry registry, String name, String description, KernelStatistic statistic) {
        total(registry, name, description, figures -> figures.count(statistic));
    }

    private void total(
            MeterRegistry registry, String name, String description, ToLongFunction<SocketSourceStatistics> value) {
        FunctionCounter.builder(PREFIX + name, source, it -> value.applyAsLong(it.udpStatistics()))
                .description(description)
                .register(registry);
    }

    private void figure(
            MeterRegistry registry, String name, String description, ToLongFunction<SocketSourceStatistics> value) {
        Gauge.builder(PREFIX + name, source, it -> value.applyAsLong(it.udpStatistics()))
                .description(description)
                .register(registry);
    }
}
