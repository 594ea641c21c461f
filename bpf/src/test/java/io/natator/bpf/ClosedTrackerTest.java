package io.natator.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natator.bpf.libbpf.BpfMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tests that a closed tracker reads nothing, because the numbers of its file descriptors can already belong to other
 * maps.
 */
class ClosedTrackerTest {
    private final List<BpfMap> others = new ArrayList<>();

    @AfterEach
    void closeOthers() {
        others.forEach(BpfMap::close);
    }

    @Test
    void statisticsOfAClosedTcpTrackerThrow() throws Exception {
        // Given
        TcpTracker tracker = TcpTracker.open(TcpTrackerOptions.defaults());
        long open = descriptors();
        tracker.close();
        takeDescriptors(open);

        // When / Then
        assertThatThrownBy(tracker::statistics).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void statisticsOfAClosedUdpTrackerThrow() throws Exception {
        // Given
        UdpTracker tracker = UdpTrackers.open(UdpTrackers.options(UdpHooks.CGROUP));
        long open = descriptors();
        tracker.close();
        takeDescriptors(open);

        // When / Then
        assertThatThrownBy(tracker::statistics).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(tracker::answerStatistics).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingAMapAgainLeavesTheNextOwnerOfItsDescriptorAlone() {
        // Given
        BpfMap first = BpfMap.ofValue("first", new byte[] {1});
        first.close();
        BpfMap second = BpfMap.ofValue("second", new byte[] {2});
        others.add(second);

        // When
        first.close();

        // Then
        assertThat(second.firstValue()).containsExactly(2);
        assertThatThrownBy(first::firstValue).isInstanceOf(IllegalStateException.class);
    }

    /** Opens other maps until they have the numbers of all file descriptors that the tracker had. */
    private void takeDescriptors(long open) throws Exception {
        while (descriptors() < open) {
            others.add(BpfMap.ofValue("other", new byte[Long.BYTES]));
        }
    }

    private static long descriptors() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
