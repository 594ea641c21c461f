package io.natator.enricher;

import static io.natator.enricher.KubernetesObjects.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.enricher.cluster.ApiReader;
import io.natator.enricher.cluster.ClusterAccess;
import io.natator.enricher.cluster.ClusterConnection;
import io.natator.enricher.cluster.ClusterListener;
import io.natator.enricher.cluster.ClusterWatch;
import io.natator.enricher.cluster.WatchStatistics;
import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.ReconciledKind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that a list is read no faster than the listener processes it. */
@Timeout(240)
class BackpressureTest {
    private static final int PODS = 1_000;
    private static final int PAGE = 100;

    /** A listener that blocks in {@code onObject} until {@code released} is counted down. */
    private static final class BlockingListener implements ClusterListener {
        private final CountDownLatch released = new CountDownLatch(1);
        private final CountDownLatch blocked = new CountDownLatch(1);
        private final Set<String> observed = ConcurrentHashMap.newKeySet();

        @Override
        public void onObject(ClusterObject object) {
            try {
                blocked.countDown();
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the watch was closed
            }
            observed.add(object.uid());
        }

        @Override
        public void onDeleted(String uid) {
            throw new AssertionError(uid + " was not deleted");
        }

        @Override
        public void onMissing(String uid) {
            throw new AssertionError(uid + " was not deleted");
        }

        @Override
        public void onListed(ReconciledKind kind) {
            // the test needs no reaction
        }
    }

    @Test
    void requestsTheNextPageOnlyAfterThePreviousOneIsProcessed() throws Exception {
        // Given
        var slow = new BlockingListener();
        try (var api = new FakeApiServer();
                ClusterConnection connection = ClusterAccess.connect(api.access());
                var reader = new ApiReader(connection);
                var watch = new ClusterWatch(
                        reader,
                        new ClusterWatch.Scope(List.of(), PAGE, List.of()),
                        slow,
                        new WatchStatistics(),
                        InstantSource.system())) {
            for (int i = 0; i < PODS; i++) {
                api.client()
                        .resource(pod("p" + i, null, "10.1." + i / 250 + "." + (1 + i % 250)))
                        .create();
            }

            // When
            watch.start();
            assertThat(slow.blocked.await(60, TimeUnit.SECONDS)).isTrue();

            // Then
            await().atMost(EnricherTest.PATIENCE)
                    .during(Duration.ofSeconds(1))
                    .untilAsserted(() -> assertThat(pages(api)).isEqualTo(1));

            // When
            slow.released.countDown();

            // Then
            await().atMost(EnricherTest.PATIENCE)
                    .untilAsserted(() -> assertThat(slow.observed).hasSize(PODS));
            assertThat(pages(api)).isEqualTo(PODS / PAGE);
        }
    }

    private static long pages(FakeApiServer api) {
        return api.requests().stream()
                .filter(request -> request.startsWith("GET /api/v1/pods?") && request.contains("limit="))
                .filter(request -> !request.contains("watch=true"))
                .count();
    }
}
