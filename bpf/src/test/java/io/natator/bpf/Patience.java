package io.natator.bpf;

import io.natator.bpf.traffic.TrafficPeer;
import io.natator.bpf.traffic.TrafficResult;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** Says how long tests of the kernel side wait, and how many missed closes of connections they tolerate. */
final class Patience {
    /** If true, no missed close is tolerated. Set on machines without the defect that {@link #missable} describes. */
    private static final boolean MISSES_NOTHING = Boolean.getBoolean("natator.missesNothing");

    private Patience() {}

    /** Returns a wait of at most 60 s, because the machine can be busy. Conditions run in the thread of the test. */
    static ConditionFactory patiently() {
        return Awaitility.await().pollInSameThread().atMost(Duration.ofSeconds(60));
    }

    /**
     * Returns how many closes of connections a test must tolerate as missed. Some virtual machines run no tracing
     * program while a thread of process 1 is the current task, and miss a few of ten thousand closes.
     *
     * @param ends number of connection ends that close in the test
     */
    static int missable(int ends) {
        if (MISSES_NOTHING) {
            return 0;
        }
        return ends < 10 ? 1 : 2 + ends / 200;
    }

    /**
     * Waits until both peers have closed the connections with these ids, and returns the results of both ends of each.
     */
    static List<TrafficResult> awaitClosed(List<TrafficPeer> peers, long firstId, int count) {
        return patiently()
                .until(
                        () -> peers.stream()
                                .flatMap(peer -> peer.results().stream())
                                .filter(end -> end.id() >= firstId && end.id() < firstId + count)
                                .filter(TrafficResult::closed)
                                .toList(),
                        ends -> ends.size() == 2 * count);
    }
}
