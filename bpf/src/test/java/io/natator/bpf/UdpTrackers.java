package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.libbpf.BpfException;
import io.natator.bpf.libbpf.Support;
import io.natator.bpf.traffic.DatagramProcess.Counters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.opentest4j.TestAbortedException;

/** Opens UDP trackers for tests, and reads their records. */
final class UdpTrackers {
    private record Flow(long cookie, long startNanos, InetAddress local, int localPort, InetAddress remote, int port) {}

    private UdpTrackers() {}

    static UdpTrackerOptions options(UdpHooks hooks) {
        try {
            return UdpTrackerOptions.defaults(hooks).withCgroupRoot(TestCgroup.root());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Opens a tracker. If this kernel does not have the hooks, skips the test. */
    static UdpTracker open(UdpTrackerOptions options) {
        try {
            return UdpTracker.open(options);
        } catch (BpfException refused) {
            boolean certain = options.hooks() == UdpHooks.CGROUP
                    || !UdpPrerequisites.probe().values().stream().anyMatch(support -> support != Support.YES);
            if (certain) {
                throw refused;
            }
            throw new TestAbortedException("not supported here: " + refused.getMessage());
        }
    }

    /** Reads all records. Returns the latest record of each flow in some network namespaces, and the sums. */
    static List<SocketRecord> latest(UdpTracker tracker, Set<Long> namespaces) {
        Map<Flow, SocketRecord> latest = new HashMap<>();
        List<SocketRecord> sums = new ArrayList<>();
        tracker.readLive(live -> latest.put(flow(live), live));
        SocketBatch batch = tracker.poll(10_000);
        while (!batch.records().isEmpty()) {
            for (SocketRecord record : batch.records()) {
                if (record.event() == Event.FOLDED) {
                    sums.add(record);
                } else {
                    assertThat(record.event()).isEqualTo(Event.CLOSED);
                    latest.put(flow(record), record);
                }
            }
            batch.release();
            batch = tracker.poll(10_000);
        }
        sums.addAll(latest.values());
        return sums.stream()
                .filter(record -> namespaces.contains(record.connection().networkNamespace()))
                .toList();
    }

    static void assertCounted(SocketRecord flow, Counters application) {
        assertThat(new Counters(
                        flow.counters().segmentsSent(),
                        flow.counters().bytesSent(),
                        flow.counters().segmentsReceived(),
                        flow.counters().bytesReceived()))
                .as("%s", flow)
                .isEqualTo(application);
        assertThat(flow.counters().bytesAcked()).isEqualTo(flow.counters().bytesSent());
        assertThat(flow.connection().protocol()).isEqualTo(17);
        assertThat(flow.connection().fingerprint()).isZero();
    }

    static void assertSum(List<SocketRecord> flows, long namespace, Counters application) {
        List<SocketRecord> end = flows.stream()
                .filter(flow -> flow.connection().networkNamespace() == namespace)
                .toList();
        assertThat(new Counters(
                        total(end, record -> record.counters().segmentsSent()),
                        total(end, record -> record.counters().bytesSent()),
                        total(end, record -> record.counters().segmentsReceived()),
                        total(end, record -> record.counters().bytesReceived())))
                .isEqualTo(application);
    }

    private static long total(List<SocketRecord> flows, ToLongFunction<SocketRecord> figure) {
        return flows.stream().mapToLong(figure).sum();
    }

    static Counters sum(Counters one, Counters other) {
        return new Counters(
                one.sent() + other.sent(),
                one.bytesSent() + other.bytesSent(),
                one.received() + other.received(),
                one.bytesReceived() + other.bytesReceived());
    }

    private static Flow flow(SocketRecord record) {
        return new Flow(
                record.id().cookie(),
                record.id().startNanos(),
                record.connection().local().address(),
                record.connection().local().port(),
                record.connection().remote().address(),
                record.connection().remote().port());
    }
}
