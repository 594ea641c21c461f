package io.natator.collector;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.natator.bpf.KernelStatistic;

/** The collector's metrics about UDP. They exist only if UDP is counted. */
final class UdpMetrics implements MeterBinder {
    private static final String PREFIX = "natator.collector.udp.";

    private final JointSource source;

    /**
     * @param source the meter registry holds only a weak reference to it. The thread that collects holds a strong one,
     *     so the source exists while the collector runs
     */
    UdpMetrics(JointSource source) {
        this.source = source;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        var kernel = new SourceMeters<>(registry, PREFIX, source, JointSource::udpStatistics);
        kernel.bindCommon();
        kernel.gauge(
                "flows.live",
                "Flows that are tracked now",
                figures -> figures.live().used());
        kernel.gauge(
                "flows.capacity",
                "Maximum number of flows that are tracked at a time",
                figures -> figures.live().capacity());
        kernel.count("flows.begun", "Flows begun", KernelStatistic.OPENED);
        kernel.count("flows.ended", "Flows ended after a pause", KernelStatistic.CLOSED);
        kernel.count(
                "datagrams.folded",
                "Datagrams added to the sum of their address pair, because the table of flows was full",
                KernelStatistic.FOLDED);
        kernel.count(
                "datagrams.lost",
                "Datagrams that were lost, because the table of flows and the sums were full",
                KernelStatistic.LOST);
        kernel.count(
                "datagrams.left.out", "Datagrams that the kernel side's filter excluded", KernelStatistic.EXCLUDED);
    }
}
