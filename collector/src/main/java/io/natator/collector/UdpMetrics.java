package io.natator.collector;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.natator.bpf.SocketSourceStatistics;
import java.util.function.ToLongFunction;

/** The collector's figures about UDP; there are none where it is not counted. */
final class UdpMetrics implements MeterBinder {
    private static final String PREFIX = "natator.collector.udp.";

    /** What the registry holds weakly, and who collects strongly. */
    private final JointSource source;

    UdpMetrics(JointSource source) {
        this.source = source;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        figure(registry, "flows.live", "Flows told apart now", SocketSourceStatistics::live);
        figure(registry, "flows.capacity", "Flows that can be told apart", SocketSourceStatistics::liveCapacity);
        total(registry, "flows.begun", "Flows begun", SocketSourceStatistics::opened);
        total(registry, "flows.ended", "Flows ended after a pause", SocketSourceStatistics::closed);
        total(
                registry,
                "datagrams.folded",
                "Datagrams without room for their flow: only the bytes per address pair were kept",
                SocketSourceStatistics::folded);
        total(registry, "datagrams.lost", "Datagrams for which no room was left", SocketSourceStatistics::lost);
        total(
                registry,
                "datagrams.left.out",
                "Datagrams that the kernel side's filter left out",
                SocketSourceStatistics::leftOut);
        figure(registry, "ring.bytes", "Bytes in the ring that wait to be released", SocketSourceStatistics::ringBytes);
        figure(registry, "ring.capacity.bytes", "Size of the ring", SocketSourceStatistics::ringCapacity);
        figure(
                registry,
                "fold.entries",
                "Address pairs that bytes are summed up for",
                SocketSourceStatistics::foldEntries);
        figure(registry, "fold.capacity", "Address pairs that fit", SocketSourceStatistics::foldCapacity);
        total(
                registry,
                "records.discarded",
                "Records of another version that could not be read",
                SocketSourceStatistics::discarded);
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
