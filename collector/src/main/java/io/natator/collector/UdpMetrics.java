package io.natator.collector;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.natator.bpf.KernelStatistic;
import io.natator.collector.peer.LocalPeers;
import java.util.function.ToDoubleFunction;

/** The collector's metrics about UDP. They exist only if UDP is counted. */
final class UdpMetrics implements MeterBinder {
    private static final String PREFIX = "natator.collector.udp.";

    private final JointSource source;
    private final LocalPeers peers;

    /**
     * The meter registry holds only weak references to the parameters. The thread that collects holds strong ones, so the
     * objects exist while the collector runs.
     */
    UdpMetrics(JointSource source, LocalPeers peers) {
        this.source = source;
        this.peers = peers;
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
        peers(
                registry,
                "peers",
                "Reports of UDP clients that contain the process of the server, which is on the same node",
                LocalPeers::found);
        peers(
                registry,
                "peers.uncertain",
                "Reports of UDP clients without the process of the server, although a process of the same node answers at"
                        + " the dialled address: it was not certain that it answered this client",
                LocalPeers::uncertain);
        peers(
                registry,
                "peers.evicted",
                "Flows of UDP servers that were forgotten because the memory for them was full",
                LocalPeers::evicted);
    }

    private void peers(MeterRegistry registry, String name, String description, ToDoubleFunction<LocalPeers> value) {
        FunctionCounter.builder(PREFIX + name, peers, value)
                .description(description)
                .register(registry);
    }
}
