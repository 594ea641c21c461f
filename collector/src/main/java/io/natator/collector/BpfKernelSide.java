package io.natator.collector;

import io.natator.bpf.SocketSource;
import io.natator.bpf.TcpTracker;
import io.natator.bpf.UdpHooks;
import io.natator.bpf.UdpTracker;
import io.natator.bpf.UdpTrackerOptions;
import io.natator.bpf.libbpf.BpfException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the trackers of the module {@code bpf} according to the configuration: TCP always, UDP depending on
 * {@code --udp}.
 */
final class BpfKernelSide implements KernelSide {
    private static final Logger log = LoggerFactory.getLogger(BpfKernelSide.class);

    @Override
    public SocketSource open(CollectorConfig config) throws CollectorStartException {
        try {
            TcpTracker tcp = TcpTracker.open(config.kernel()
                    .capacity()
                    .trackerOptions()
                    .withProcRoot(config.kernel().paths().procRoot())
                    .withPinDirectory(config.kernel().paths().pinDirectory())
                    .withFilter(config.kernel().filter().kernelFilter()));
            try {
                Optional<UdpTracker> udp = openUdp(config);
                return udp.isPresent() ? new JointSource(tcp, udp.get(), udp.get()) : tcp;
            } catch (RuntimeException failure) {
                tcp.close();
                throw failure;
            }
        } catch (BpfException e) {
            throw new CollectorStartException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Optional<UdpTracker> openUdp(CollectorConfig config) {
        return switch (config.kernel().udp().mode()) {
            case OFF -> {
                removeUdp(config);
                yield Optional.empty();
            }
            case AUTO -> openFunctions(config);
            case CGROUP_SKB -> Optional.of(UdpTracker.open(udpOptions(config, UdpHooks.CGROUP)));
        };
    }

    /** Removes UDP programs that an earlier collector has pinned, because no one would read their records. */
    private static void removeUdp(CollectorConfig config) {
        if (UdpTracker.unload(config.kernel().paths().pinDirectory())) {
            log.info("UDP is no longer counted; removed the UDP programs and maps of an earlier collector");
        }
    }

    private static Optional<UdpTracker> openFunctions(CollectorConfig config) {
        try {
            return Optional.of(UdpTracker.open(udpOptions(config, UdpHooks.FUNCTIONS)));
        } catch (BpfException refused) {
            log.atWarn()
                    .addKeyValue("reason", refused.getMessage())
                    .log(
                            "UDP is not counted. If the kernel lacks the hooks, --udp cgroup-skb counts UDP at some cost to TCP."
                                    + " --udp off silences this warning");
            removeUdp(config);
            return Optional.empty();
        }
    }

    private static UdpTrackerOptions udpOptions(CollectorConfig config, UdpHooks hooks) {
        return config.kernel()
                .udp()
                .trackerOptions(hooks, config.kernel().paths().cgroup2())
                .withProcRoot(config.kernel().paths().procRoot())
                .withPinDirectory(config.kernel().paths().pinDirectory())
                .withFoldCapacity(config.kernel().capacity().foldedPairs())
                .withFilter(config.kernel().filter().kernelFilter());
    }

    @Override
    public void unload(Path pinDirectory) throws CollectorStartException {
        try {
            UdpTracker.unload(pinDirectory);
            TcpTracker.unload(pinDirectory);
        } catch (BpfException e) {
            throw new CollectorStartException(String.valueOf(e.getMessage()), e);
        }
    }
}
