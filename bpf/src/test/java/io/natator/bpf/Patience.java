package io.natator.bpf;

import io.natator.bpf.traffic.TrafficPeer;
import io.natator.bpf.traffic.TrafficResult;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** Waiting, and tolerances, for tests of the kernel side on a busy machine. */
final class Patience {
    /** Whether no end may be missed: on a kernel without the artefact that {@link #missable} describes. */
    private static final boolean MISSES_NOTHING = Boolean.getBoolean("natator.missesNothing");

    private Patience() {}

    /** Waits long enough for a busy machine, in the thread of the test. */
    static ConditionFactory patiently() {
        return Awaitility.await().pollInSameThread().atMost(Duration.ofSeconds(60));
    }

    /**
     * How many ends of connections the machine may miss. Some virtual machines run no tracing program while a thread of process 1
     * is the current task; a few ends in ten thousand are missed there. On a kernel without that artefact none may be missed.
     *
     * @param ends how many ends a test has
     */
    static int missable(int ends) {
        if (MISSES_NOTHING) {
            return 0;
        }
        return ends < 10 ? 1 : 2 + ends / 200;
    }

    /** Waits until both peers have closed the connections with these ids, and returns both ends of each. */
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
