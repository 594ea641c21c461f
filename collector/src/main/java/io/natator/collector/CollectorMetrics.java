package io.natator.collector;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.natator.bpf.KernelStatistic;
import io.natator.bpf.SlotTable;
import io.natator.bpf.SocketSourceStatistics;
import io.natator.bpf.libbpf.ProgramStatistics;
import io.natator.collector.filter.SocketFilter;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** The collector's metrics about itself. */
final class CollectorMetrics implements MeterBinder {
    private static final String PREFIX = "natator.collector.";

    private final CollectorLoop loop;
    private final Set<String> programs;

    /** @param programs names of the BPF programs */
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
                .description("Snapshots of all live connections, and their duration")
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
                    .description("Records that the filter options exclude")
                    .register(registry);
        }
    }

    private void bindKernel(MeterRegistry registry) {
        var kernel = new SourceMeters<>(registry, PREFIX, loop, CollectorLoop::statistics);
        kernel.bindCommon();
        kernel.gauge(
                "connections.live",
                "Connections tracked now",
                figures -> figures.live().used());
        kernel.gauge(
                "connections.live.capacity",
                "Maximum number of live connections that can be read",
                figures -> figures.live().capacity());
        kernel.gauge(
                "connections.places",
                "Slots for live connections: at least twice the number that can be read, because a connection can use only 16 of them",
                figures -> SlotTable.slots(Math.toIntExact(figures.live().capacity())));
        kernel.count("connections.opened", "Connections established", KernelStatistic.OPENED);
        kernel.count("connections.closed", "Connections ended", KernelStatistic.CLOSED);
        kernel.count("connections.failed", "Connections never established", KernelStatistic.FAILED);
        kernel.count("connections.spilled", "Closes that found the ring buffer full", KernelStatistic.SPILLED);
        kernel.count(
                "connections.folded",
                "Closes that were only added to the sum of their address pair",
                KernelStatistic.FOLDED);
        kernel.count(
                "opens.skipped",
                "Opens not reported, because half of the ring buffer is reserved for closes; no bytes are lost",
                KernelStatistic.OPENS_SKIPPED);
        kernel.count(
                "live.skipped",
                "Live connections that could not be read, because of the capacity; the close is exact nevertheless",
                KernelStatistic.LIVE_SKIPPED);
        kernel.count(
                "connections.left.out", "Connections that the kernel side's filter excludes", KernelStatistic.EXCLUDED);
        kernel.count(
                "events.lost",
                "Closes and failed connects that were lost, because ring buffer, spill and sums were full",
                KernelStatistic.LOST);
        kernel.total(
                "recursion.misses",
                "Runs that the kernel skipped, because the program was already running on the CPU",
                SocketSourceStatistics::recursionMisses);
        kernel.gauge(
                "spill.entries",
                "Entries of the spill map in use",
                figures -> figures.spill().used());
        kernel.gauge(
                "spill.capacity",
                "Size of the spill map",
                figures -> figures.spill().capacity());
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
                    .description("Runs of the BPF programs and their run time; 0 unless kernel.bpf_stats_enabled=1")
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
                "Records that Kafka never accepts, for example because of their size; they are dropped",
                it -> it.sender().refused());
        counter(
                registry,
                "records.unencodable",
                "Records that could not be encoded",
                it -> it.encoder().unencodable());
        counter(
                registry,
                "send.failures",
                "Attempts to send that failed",
                it -> it.sender().failures());
        gauge(
                registry,
                "unacknowledged.records",
                "Opens and closes that were read and that Kafka has not acknowledged",
                it -> it.handover().unacknowledgedRecords());
        gauge(
                registry,
                "unacknowledged.batches",
                "Batches of events that were read and that the kernel still stores",
                it -> it.handover().unacknowledgedBatches());
        TimeGauge.builder(PREFIX + "unacknowledged.age", loop, TimeUnit.SECONDS, CollectorLoop::secondsBehind)
                .description("Age of the oldest open or close that was read and that Kafka has not acknowledged")
                .register(registry);
        TimeGauge.builder(
                        PREFIX + "since.acknowledged", loop, TimeUnit.SECONDS, CollectorLoop::secondsSinceAcknowledged)
                .description("Time since Kafka last acknowledged a record, or since the start")
                .register(registry);
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
