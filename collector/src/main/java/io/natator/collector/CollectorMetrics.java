package io.natator.collector;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.natator.bpf.SocketSourceStatistics;
import io.natator.bpf.TcpTrackerOptions;
import io.natator.bpf.libbpf.ProgramStatistics;
import io.natator.collector.filter.SocketFilter;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** The collector's figures about itself. */
final class CollectorMetrics implements MeterBinder {
    private static final String PREFIX = "natator.collector.";

    private final CollectorLoop loop;
    private final Set<String> programs;

    /**
     * Figures of a loop.
     *
     * @param programs names of the kernel's programs
     */
    CollectorMetrics(CollectorLoop loop, Set<String> programs) {
        this.loop = loop;
        this.programs = Set.copyOf(programs);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bindKernel(registry);
        bindPrograms(registry);
        bindHandover(registry);
        FunctionTimer.builder(
                        PREFIX + "snapshot",
                        loop,
                        it -> it.live().passes(),
                        it -> it.live().totalNanos(),
                        TimeUnit.NANOSECONDS)
                .description("Passes over all live connections, and the time they took")
                .register(registry);
        counter(
                registry,
                "snapshots.sent",
                "Live snapshots that Kafka acknowledged",
                it -> it.live().acknowledged());
        for (SocketFilter.Reason reason : SocketFilter.Reason.values()) {
            FunctionCounter.builder(
                            PREFIX + "filtered", loop, it -> it.encoder().filteredFor(reason))
                    .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                    .description("Records kept off the topic by configuration")
                    .register(registry);
        }
    }

    private void bindKernel(MeterRegistry registry) {
        figure(registry, "connections.live", "Connections tracked now", SocketSourceStatistics::live);
        figure(
                registry,
                "connections.live.capacity",
                "Live connections that fit",
                SocketSourceStatistics::liveCapacity);
        figure(
                registry,
                "connections.places",
                "Places for live connections, which take one each: twice as many as can be read, to be found at once",
                statistics -> TcpTrackerOptions.slots(Math.toIntExact(statistics.liveCapacity())));
        total(registry, "connections.opened", "Connections established", SocketSourceStatistics::opened);
        total(registry, "connections.closed", "Connections ended", SocketSourceStatistics::closed);
        total(registry, "connections.failed", "Connections never established", SocketSourceStatistics::failed);
        total(registry, "connections.spilled", "Closes that found the ring full", SocketSourceStatistics::spilled);
        total(
                registry,
                "connections.folded",
                "Closes of which only the bytes per address pair were kept",
                SocketSourceStatistics::folded);
        total(
                registry,
                "opens.skipped",
                "Opens not announced so that closes have the ring's room; no connection is lost",
                SocketSourceStatistics::opensSkipped);
        total(
                registry,
                "live.skipped",
                "Live readings without room; the close is exact nevertheless",
                SocketSourceStatistics::liveSkipped);
        total(
                registry,
                "connections.left.out",
                "Connections that the kernel side's filter left out",
                SocketSourceStatistics::leftOut);
        total(
                registry,
                "records.discarded",
                "Records of another version that could not be read",
                SocketSourceStatistics::discarded);
        total(registry, "events.lost", "Events for which no room was left", SocketSourceStatistics::lost);
        total(
                registry,
                "recursion.misses",
                "Runs of a program that the kernel skipped",
                SocketSourceStatistics::recursionMisses);
        figure(registry, "ring.bytes", "Bytes in the ring that wait to be released", SocketSourceStatistics::ringBytes);
        figure(registry, "ring.capacity.bytes", "Size of the ring", SocketSourceStatistics::ringCapacity);
        figure(registry, "spill.entries", "Entries of the spill map in use", SocketSourceStatistics::spillEntries);
        figure(registry, "spill.capacity", "Size of the spill map", SocketSourceStatistics::spillCapacity);
        figure(
                registry,
                "fold.entries",
                "Address pairs that bytes are summed up for",
                SocketSourceStatistics::foldEntries);
        figure(registry, "fold.capacity", "Address pairs that fit", SocketSourceStatistics::foldCapacity);
        counter(registry, "read.failures", "Failed reads from the kernel", CollectorLoop::readFailures);
    }

    private void bindPrograms(MeterRegistry registry) {
        for (String program : programs) {
            FunctionTimer.builder(
                            PREFIX + "program",
                            loop,
                            it -> program(it, program).runs(),
                            it -> program(it, program).runNanos(),
                            TimeUnit.NANOSECONDS)
                    .tag("program", program)
                    .description(
                            "Runs of the kernel's programs and the time in them; 0 unless kernel.bpf_stats_enabled=1")
                    .register(registry);
        }
    }

    private static ProgramStatistics program(CollectorLoop loop, String name) {
        return loop.statistics().programs().getOrDefault(name, new ProgramStatistics(0, 0, 0));
    }

    private void bindHandover(MeterRegistry registry) {
        counter(
                registry,
                "records.acknowledged",
                "Records that Kafka acknowledged",
                it -> it.sender().acknowledged());
        counter(
                registry,
                "records.refused",
                "Records that Kafka will never take",
                it -> it.sender().refused());
        counter(
                registry,
                "records.unencodable",
                "Records that could not be written",
                it -> it.encoder().unencodable());
        counter(
                registry,
                "send.failures",
                "Attempts to send that failed",
                it -> it.sender().failures());
        gauge(
                registry,
                "unacknowledged.records",
                "Opens and closes read that Kafka has not acknowledged",
                it -> it.handover().unacknowledgedRecords());
        gauge(
                registry,
                "unacknowledged.batches",
                "Batches read that the kernel still holds",
                it -> it.handover().unacknowledgedBatches());
        TimeGauge.builder(PREFIX + "unacknowledged.age", loop, TimeUnit.SECONDS, CollectorLoop::secondsBehind)
                .description("Age of the oldest open or close that was read and that Kafka has not acknowledged")
                .register(registry);
        TimeGauge.builder(
                        PREFIX + "since.acknowledged", loop, TimeUnit.SECONDS, CollectorLoop::secondsSinceAcknowledged)
                .description("Time since Kafka last acknowledged a record, or since the start")
                .register(registry);
    }

    private void total(
            MeterRegistry registry, String name, String description, ToLongFunction<SocketSourceStatistics> value) {
        counter(registry, name, description, it -> value.applyAsLong(it.statistics()));
    }

    private void figure(
            MeterRegistry registry, String name, String description, ToLongFunction<SocketSourceStatistics> value) {
        gauge(registry, name, description, it -> value.applyAsLong(it.statistics()));
    }

    private void counter(
            MeterRegistry registry, String name, String description, ToDoubleFunction<CollectorLoop> value) {
        FunctionCounter.builder(PREFIX + name, loop, value)
                .description(description)
                .register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<CollectorLoop> value) {
        Gauge.builder(PREFIX + name, loop, value).description(description).register(registry);
    }
}
