package io.natator.enricher;

import static io.natator.enricher.Objects.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.enricher.cluster.ApiReader;
import io.natator.enricher.cluster.ClusterAccess;
import io.natator.enricher.cluster.ClusterConnection;
import io.natator.enricher.cluster.ClusterListener;
import io.natator.enricher.cluster.ClusterWatch;
import io.natator.enricher.cluster.WatchStatistics;
import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.Kind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A list is not read faster than it is taken in, however long it is. */
@Timeout(240)
class BackpressureTest {
    private static final int PODS = 1_000;
    private static final int PAGE = 100;

    /** Takes nothing in until it is let. */
    private static final class Slow implements ClusterListener {
        private final CountDownLatch mayGoOn = new CountDownLatch(1);
        private final CountDownLatch waits = new CountDownLatch(1);
        private final Set<String> observed = ConcurrentHashMap.newKeySet();

        @Override
        public void observed(ClusterObject object) {
            try {
                waits.countDown();
                mayGoOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // closed
            }
            observed.add(object.uid());
        }

        @Override
        public void gone(String uid) {
            throw new AssertionError(uid + " is not gone");
        }

        @Override
        public void listed(Kind kind) {
            // of no interest
        }
    }

    @Test
    void nextPageWaitsForWhatWasRead() throws Exception {
        // Given
        var slow = new Slow();
        try (var api = new ApiServer();
                ClusterConnection connection = ClusterAccess.connect(api.access());
                var reader = new ApiReader(connection);
                var watch = new ClusterWatch(
                        reader, List.of(), PAGE, slow, new WatchStatistics(), InstantSource.system())) {
            for (int i = 0; i < PODS; i++) {
                api.client()
                        .resource(pod("p" + i, null, "10.1." + i / 250 + "." + (1 + i % 250)))
                        .create();
            }

            // When
            watch.start();
            assertThat(slow.waits.await(60, TimeUnit.SECONDS)).isTrue();

            // Then
            await().atMost(EnricherTest.PATIENCE)
                    .during(Duration.ofSeconds(1))
                    .untilAsserted(() -> assertThat(pages(api)).isEqualTo(1));

            // When
            slow.mayGoOn.countDown();

            // Then
            await().atMost(EnricherTest.PATIENCE)
                    .untilAsserted(() -> assertThat(slow.observed).hasSize(PODS));
            assertThat(pages(api)).isEqualTo(PODS / PAGE);
        }
    }

    private static long pages(ApiServer api) {
        return api.requests().stream()
                .filter(request -> request.startsWith("GET /api/v1/pods?") && request.contains("limit="))
                .filter(request -> !request.contains("watch=true"))
                .count();
    }
}
