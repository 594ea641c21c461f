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

    /** @param programs names of the BPF programs; each gets its own run-time metrics */
    CollectorMetrics(CollectorLoop loop, Set<String> programs) {
        this.loop = loop;
        this.programs = Set.copyOf(programs);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bindKernel(registry);
        bindPrograms(registry);
        bindHandover(registry);
        bindOwners(registry);
        FunctionTimer.builder(
                        PREFIX + "snapshot",
                        loop,
                        it -> it.live().passes(),
                        it -> it.live().totalNanos(),
                        TimeUnit.NANOSECONDS)
                .description("Snapshots of the counters of all open connections, and how long they took")
                .register(registry);
        counter(
                registry,
                "snapshots.sent",
                "Records of open connections that snapshots sent and Kafka acknowledged",
                it -> it.live().acknowledged());
        for (SocketFilter.Reason reason : SocketFilter.Reason.values()) {
            FunctionCounter.builder(
                            PREFIX + "filtered", loop, it -> it.encoder().filteredFor(reason))
                    .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                    .description("Records of the kernel that the collector excluded because of its filter options")
                    .register(registry);
        }
    }

    private void bindKernel(MeterRegistry registry) {
        var kernel = new SourceMeters<>(registry, PREFIX, loop, CollectorLoop::statistics);
        kernel.bindCommon();
        kernel.gauge(
                "connections.live",
                "Open connections that are tracked now",
                figures -> figures.live().used());
        kernel.gauge(
                "connections.live.capacity",
                "Maximum number of open connections whose counters can be read",
                figures -> figures.live().capacity());
        kernel.gauge(
                "connections.places",
                "Slots in the table of open connections; at least twice the capacity, because each connection can use only 16 of them",
                figures -> SlotTable.slots(Math.toIntExact(figures.live().capacity())));
        kernel.count("connections.opened", "Connections established", KernelStatistic.OPENED);
        kernel.count("connections.closed", "Connections ended", KernelStatistic.CLOSED);
        kernel.count(
                "connections.failed", "Connections that failed before they were established", KernelStatistic.FAILED);
        kernel.count(
                "connections.spilled",
                "Closes stored in the spill map, because the ring buffer was full",
                KernelStatistic.SPILLED);
        kernel.count(
                "connections.folded",
                "Closes added to the sum of their address pair, because ring buffer and spill map were full",
                KernelStatistic.FOLDED);
        kernel.count(
                "opens.skipped",
                "Opens not reported, because the part of the ring buffer for opens was full; no bytes are lost",
                KernelStatistic.OPENS_SKIPPED);
        kernel.count(
                "live.skipped",
                "Open connections whose counters could not be read, because of the capacity; their close is exact",
                KernelStatistic.LIVE_SKIPPED);
        kernel.count(
                "listeners.skipped",
                "Listeners that were not stored, because of the capacity; the process of the connections that they accept is unknown",
                KernelStatistic.LISTENERS_SKIPPED);
        kernel.count(
                "connections.left.out", "Connections that the kernel side's filter excluded", KernelStatistic.EXCLUDED);
        kernel.count(
                "events.lost",
                "Closes and failed connects that were lost, because the ring buffer and all maps were full",
                KernelStatistic.LOST);
        kernel.total(
                "recursion.misses",
                "Runs of BPF programs that the kernel skipped, because the program was already running on the CPU",
                SocketSourceStatistics::recursionMisses);
        kernel.gauge(
                "spill.entries",
                "Closes in the spill map, which stores closes while the ring buffer is full",
                figures -> figures.spill().used());
        kernel.gauge(
                "spill.capacity",
                "Maximum number of closes in the spill map",
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
                    .description("Number and duration of the runs of BPF programs; 0 if kernel.bpf_stats_enabled is 0")
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
                "Records that were dropped, because they could not be encoded",
                it -> it.encoder().unencodable());
        counter(
                registry,
                "send.failures",
                "Failed attempts to send a record to Kafka",
                it -> it.sender().failures());
        gauge(
                registry,
                "unacknowledged.records",
                "Opens and closes that were read but that Kafka has not acknowledged yet",
                it -> it.handover().unacknowledgedRecords());
        gauge(
                registry,
                "unacknowledged.batches",
                "Batches of opens and closes that were read but that the kernel still stores",
                it -> it.handover().unacknowledgedBatches());
        TimeGauge.builder(PREFIX + "unacknowledged.age", loop, TimeUnit.SECONDS, CollectorLoop::secondsBehind)
                .description("Age of the oldest open or close that was read but that Kafka has not acknowledged yet")
                .register(registry);
        TimeGauge.builder(
                        PREFIX + "since.acknowledged", loop, TimeUnit.SECONDS, CollectorLoop::secondsSinceAcknowledged)
                .description("Time since Kafka last acknowledged a record, or since the start")
                .register(registry);
    }

    private void bindOwners(MeterRegistry registry) {
        counter(
                registry,
                "owners.unresolved",
                "Records without an owner, because neither the cgroup nor the process of the socket could be found",
                it -> it.encoder().owners().unresolved());
        counter(
                registry,
                "cgroups.missed",
                "New cgroups that were removed before the collector could read their id",
                it -> it.encoder().owners().missed());
        counter(
                registry,
                "cgroups.unwatched",
                "Cgroups that the collector could not watch, because of its limit or those of inotify",
                it -> it.encoder().owners().unwatched());
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
