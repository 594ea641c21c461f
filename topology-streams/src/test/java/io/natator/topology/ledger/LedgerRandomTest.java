package io.natator.topology.ledger;

import static io.natator.topology.Snapshots.START;
import static io.natator.topology.Snapshots.closed;
import static org.assertj.core.api.Assertions.assertThat;

import io.natator.schemas.ConnectionSnapshot;
import io.natator.topology.Snapshots;
import io.natator.topology.identity.Clusters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests random connections whose reports are duplicated, reordered, delayed or lost. Of some connections only one end
 * is reported.
 */
class LedgerRandomTest {
    private static final int CONNECTIONS = 60;

    /** A report, and how long after the start of the test it arrives. */
    private record Report(long fingerprint, int arrivesAfterSeconds, ConnectionSnapshot snapshot) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void totalsAreExactInAnyOrderOfReports(long seed) {
        // Given
        var random = new Random(seed);
        List<Report> reports = new ArrayList<>();
        long bytesToServer = 0;
        long bytesToClient = 0;
        for (long fingerprint = 1; fingerprint <= CONNECTIONS; fingerprint++) {
            long toServer = random.nextInt(1_000_000);
            long toClient = random.nextInt(1_000_000);
            bytesToServer += toServer;
            bytesToClient += toClient;
            int halves = 1 + random.nextInt(3);
            if ((halves & 1) != 0) {
                addHalf(reports, random, fingerprint, true, toServer, toClient);
            }
            if ((halves & 2) != 0) {
                addHalf(reports, random, fingerprint, false, toClient, toServer);
            }
        }
        Collections.shuffle(reports, random);
        reports.sort((one, other) -> Integer.compare(one.arrivesAfterSeconds(), other.arrivesAfterSeconds()));

        // When
        var run = new LedgerRun(Clusters.NONE);
        int now = 0;
        for (Report report : reports) {
            run.pass(report.arrivesAfterSeconds() - now);
            now = report.arrivesAfterSeconds();
            run.report(report.fingerprint(), report.snapshot());
        }
        run.pass(3_600);

        // Then
        assertThat(run.total().bytesToServer()).as("seed %d", seed).isEqualTo(bytesToServer);
        assertThat(run.total().bytesToClient()).as("seed %d", seed).isEqualTo(bytesToClient);
        assertThat(run.total().opened()).isEqualTo(CONNECTIONS);
        assertThat(run.total().closed()).isEqualTo(CONNECTIONS);
        assertThat(run.collisions()).isZero();
        assertThat(run.perLink().values().stream()
                        .mapToLong(LedgerRun.Total::bytesToServer)
                        .sum())
                .isEqualTo(bytesToServer);
        run.pass(26 * 3_600);
        assertThat(run.isEmpty()).isTrue();
    }

    /**
     * Adds the reports of one end, with growing counters and a close. A report can arrive up to three times. Every
     * report except the last one can be lost.
     */
    private static void addHalf(
            List<Report> reports, Random random, long fingerprint, boolean client, long acked, long received) {
        int count = random.nextInt(6);
        int delay = random.nextInt(4) == 0 ? random.nextInt(2_000) : random.nextInt(5);
        for (int i = 0; i <= count; i++) {
            boolean last = i == count;
            long part = last ? 1_000_000 : 1_000_000L * i / (count + 1);
            ConnectionSnapshot.Builder half = (client ? Snapshots.client(fingerprint) : Snapshots.server(fingerprint))
                    .setBytesAcked(acked * part / 1_000_000)
                    .setBytesReceived(received * part / 1_000_000)
                    .setObservedAt(START.plusMillis(100L * (i + 1)));
            ConnectionSnapshot snapshot = (last ? closed(half) : half).build();
            int copies = last ? 1 + random.nextInt(3) : random.nextInt(4);
            for (int copy = 0; copy < copies; copy++) {
                reports.add(new Report(
                        fingerprint,
                        delay + (random.nextInt(8) == 0 ? random.nextInt(4_000) : random.nextInt(20)),
                        snapshot));
            }
        }
    }
}
