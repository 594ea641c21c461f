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
 * Tests random connections between two nodes that reboot, and whose clocks jump by up to half a day in both directions.
 * After a reboot the socket cookies start again with the same values, and the close of the connections that were open
 * is never reported. Reports are duplicated and arrive in any order.
 */
class LedgerRebootTest {
    private static final int CONNECTIONS = 40;
    private static final int LIVES = 3;
    private static final int DAY = 86_400;

    private record Report(long fingerprint, ConnectionSnapshot snapshot) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyByteCountsOnceOverRebootsAndJumpsOfTheClock(long seed) {
        // Given
        var random = new Random(seed);
        var run = new LedgerRun(Clusters.NONE);
        long bytesToServer = 0;
        long bytesToClient = 0;

        // When
        for (int life = 0; life < LIVES; life++) {
            List<Report> reports = new ArrayList<>();
            for (long cookie = 1; cookie <= CONNECTIONS; cookie++) {
                long toServer = random.nextInt(1_000_000);
                long toClient = random.nextInt(1_000_000);
                bytesToServer += toServer;
                bytesToClient += toClient;
                long fingerprint = random.nextLong();
                boolean ends = random.nextInt(3) > 0;
                addHalf(reports, random, fingerprint, boot(cookie, life, true), toServer, toClient, ends);
                addHalf(reports, random, fingerprint, boot(cookie, life, false), toClient, toServer, ends);
            }
            Collections.shuffle(reports, random);
            for (Report report : reports) {
                run.report(report.fingerprint(), report.snapshot());
                run.pass(random.nextInt(4));
            }
        }
        run.pass(3_600);

        // Then
        assertThat(run.total().bytesToServer()).as("seed %d", seed).isEqualTo(bytesToServer);
        assertThat(run.total().bytesToClient()).as("seed %d", seed).isEqualTo(bytesToClient);
        assertThat(run.total().opened()).isEqualTo(CONNECTIONS * LIVES);
        assertThat(run.total().closed()).isEqualTo(CONNECTIONS * LIVES);
        assertThat(run.collisions()).isZero();
        run.pass(26 * 3_600);
        assertThat(run.isEmpty()).isTrue();
    }

    private static ConnectionSnapshot.Builder boot(long cookie, int life, boolean client) {
        ConnectionSnapshot.Builder half = client ? Snapshots.client(cookie) : Snapshots.server(cookie);
        return half.setBootId(half.getBootId() + life);
    }

    private static void addHalf(
            List<Report> reports,
            Random random,
            long fingerprint,
            ConnectionSnapshot.Builder half,
            long acked,
            long received,
            boolean ends) {
        int count = 1 + random.nextInt(4);
        for (int i = 1; i <= count; i++) {
            int jump = random.nextInt(3) == 0 ? random.nextInt(DAY) - DAY / 2 : 0;
            half.setBytesAcked(acked * i / count)
                    .setBytesReceived(received * i / count)
                    .setObservedAt(START.plusSeconds(i + jump));
            boolean last = ends && i == count;
            ConnectionSnapshot snapshot = last
                    ? closed(ConnectionSnapshot.newBuilder(half)).build()
                    : ConnectionSnapshot.newBuilder(half).build();
            for (int copies = 1 + random.nextInt(2); copies > 0; copies--) {
                reports.add(new Report(fingerprint, snapshot));
            }
        }
    }
}
