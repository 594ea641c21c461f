package io.natator.bpf;

import static io.natator.bpf.Patience.patiently;
import static io.natator.bpf.traffic.TestNetwork.SERVER_IPV4;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.natator.bpf.libbpf.Support;
import io.natator.bpf.traffic.TestNetwork;
import io.natator.bpf.traffic.TrafficPeer;
import io.natator.bpf.traffic.TrafficResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests kernels in the mode lockdown=confidentiality. Tests that need such a kernel are skipped on other kernels;
 * bpf/test-kernels boots one.
 */
class LockdownTest {
    private static final String CONFIDENTIALITY = "none integrity [confidentiality]";

    @Test
    void namesLockdownAndWhatToDoIfTcpNeedsProbes() {
        assertThat(new Lockdown(Support.NO, false, CONFIDENTIALITY).tcpProblems("6.1.0"))
                .containsExactly(
                        "BPF programs not loaded: Linux 6.1.0 is locked down (lockdown=confidentiality) and forbids"
                                + " BPF programs to read kernel memory: boot with lockdown=integrity, or use Linux 6.2 or later,"
                                + " where TCP needs no such reads");
    }

    @Test
    void namesLockdownIfUdpCannotBeCounted() {
        assertThat(new Lockdown(Support.NO, true, CONFIDENTIALITY).udpProblems("6.12.0"))
                .containsExactly(
                        "UDP not counted: Linux 6.12.0 is locked down (lockdown=confidentiality) and forbids BPF"
                                + " programs to read kernel memory: boot with lockdown=integrity to count it; TCP needs no"
                                + " such reads on Linux 6.2 or later");
    }

    @Test
    void namesLockdownAsTheLikelyCauseWithoutSecurityfs(@TempDir Path folder) {
        // Given
        String mode = Lockdown.readMode(folder.resolve("lockdown"));

        // When / Then
        assertThat(new Lockdown(Support.NO, false, mode).tcpProblems("6.1.0"))
                .singleElement()
                .asString()
                .contains("as it does when locked down (lockdown=confidentiality;")
                .contains("is securityfs mounted?");
    }

    @Test
    void isNoProblemWithTypedPointersOrAllowedReadsOrAnUnknownAnswer() {
        assertThat(new Lockdown(Support.NO, true, CONFIDENTIALITY).tcpProblems("6.12.0"))
                .isEmpty();
        for (Support reads : Set.of(Support.YES, Support.UNKNOWN)) {
            Lockdown open = new Lockdown(reads, false, "[none] integrity confidentiality");
            assertThat(open.tcpProblems("6.1.0")).isEmpty();
            assertThat(open.udpProblems("6.1.0")).isEmpty();
        }
    }

    @Test
    void probeAgreesWithTheModeOfTheRunningKernel() throws IOException {
        // Given
        Path mode = Path.of("/sys/kernel/security/lockdown");
        assumeThat(mode).exists();
        boolean confidential = Files.readString(mode).contains("[confidentiality]");

        // When
        Lockdown found = Lockdown.probe();

        // Then
        assertThat(found.kernelReads()).isEqualTo(confidential ? Support.NO : Support.YES);
    }

    @Test
    void lockedDownKernelCountsTcpOrGivesTheReason() {
        // Given
        Lockdown found = lockedDown();

        // When / Then
        if (!found.typedPointers()) {
            assertThatThrownBy(() -> TcpTracker.open(TcpTrackerOptions.defaults()))
                    .isInstanceOfSatisfying(
                            MissingPrerequisiteException.class,
                            refused -> assertThat(refused.problems())
                                    .singleElement()
                                    .asString()
                                    .contains("lockdown=confidentiality"));
            return;
        }
        try (TestNetwork network = TestNetwork.create();
                TcpTracker tracker = TcpTracker.open(TcpTrackerOptions.defaults())) {
            TrafficPeer client = network.start(network.client(), "locked-client");
            TrafficPeer server = network.start(network.server(), "locked-server");
            int port = server.listen(SERVER_IPV4, true);
            long clientSide = TestNetwork.inode(network.client());
            Observation observed = new Observation(Set.of(clientSide));
            client.hold(SERVER_IPV4, port, true, 1, 1_234, 5_678);
            tracker.readLive(live -> {});
            client.drop(1);
            patiently().untilAsserted(() -> {
                observed.drain(tracker);
                TrafficResult end = client.results().getFirst();
                assertThat(observed.close(end, clientSide)).hasValueSatisfying(close -> {
                    assertThat(close.counters().bytesSent()).isEqualTo(end.written());
                    assertThat(close.counters().bytesReceived()).isEqualTo(end.read());
                });
            });
        }
    }

    @Test
    void lockedDownKernelGivesTheReasonForNotCountingUdp() {
        // Given
        lockedDown();

        // When / Then
        for (UdpHooks hooks : UdpHooks.values()) {
            assertThatThrownBy(() -> UdpTracker.open(UdpTrackers.options(hooks)))
                    .isInstanceOfSatisfying(
                            MissingPrerequisiteException.class,
                            refused -> assertThat(refused.problems())
                                    .first()
                                    .asString()
                                    .contains("lockdown=confidentiality"));
        }
    }

    private static Lockdown lockedDown() {
        Lockdown found = Lockdown.probe();
        assumeThat(found.kernelReads())
                .as("programs may read kernel memory here")
                .isEqualTo(Support.NO);
        return found;
    }
}
