package io.natator.enricher;

import static io.natator.enricher.KubernetesObjects.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Ownership;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests leaders that are killed or paused, so that they cannot release the Lease. The enrichers run in separate
 * processes, while pods replace each other on few addresses.
 */
@Timeout(240)
@ExtendWith(SharedBroker.class)
class FailoverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int ADDRESSES = 12;

    @TempDir
    private Path folder = Path.of("");

    private final FakeApiServer api = new FakeApiServer();
    private final String prefix = "t" + UUID.randomUUID() + ".";
    private final List<EnricherProcess> processes = new ArrayList<>();
    /** The pods that had each address, oldest first. The last one has the address now. */
    private final Map<String, List<Pod>> history = new TreeMap<>();

    private final TestBroker broker;

    FailoverTest(TestBroker broker) {
        this.broker = broker;
    }

    @AfterEach
    void closeAll() {
        processes.forEach(EnricherProcess::close);
        api.close();
    }

    private EnricherProcess start() throws IOException {
        var process = new EnricherProcess(
                api.access().getMasterUrl(),
                broker.bootstrapServers(),
                prefix,
                folder.resolve("enricher-" + processes.size() + ".log"));
        processes.add(process);
        return process;
    }

    private static void awaitLeading(EnricherProcess enricher) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(enricher.get("/readyz")).isEqualTo("200 ready"));
    }

    private static void awaitStandby(EnricherProcess enricher) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(enricher.get("/readyz")).startsWith("200 standing by for "));
    }

    private void replaceAllPods() {
        replacePods(1, ADDRESSES);
    }

    /** Replaces the pods of these addresses: deletes each pod and creates the next one at once. */
    private void replacePods(int first, int last) {
        for (int i = first; i <= last; i++) {
            List<Pod> pods = history.computeIfAbsent("10.0.0." + i, address -> new ArrayList<>());
            if (!pods.isEmpty()) {
                api.client().resource(pods.getLast()).delete();
            }
            Pod next = pod("p" + i + "-" + pods.size(), null, "10.0.0." + i);
            next.getStatus()
                    .setStartTime(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
            pods.add(api.client().resource(next).create());
        }
    }

    private void awaitWritten() {
        await().atMost(PATIENCE).untilAsserted(() -> {
            TestBroker.Table table = broker.table(prefix);
            history.forEach((address, pods) -> assertThat(table.owner(address))
                    .isEqualTo("Pod shop/" + pods.getLast().getMetadata().getName()));
        });
    }

    /**
     * Asserts that every pod owned its address once, in order, without overlaps, and that no record was written twice.
     */
    private void assertNothingIsLostOrDoubled() {
        TestBroker.Table table = broker.table(prefix);
        history.forEach((address, pods) -> {
            List<Ownership> owners = table.owners(address);
            assertThat(owners)
                    .extracting(owner -> owner.getIdentity().getUid())
                    .as(address)
                    .containsExactlyElementsOf(
                            pods.stream().map(pod -> pod.getMetadata().getUid()).toList());
            for (int i = 1; i < owners.size(); i++) {
                assertThat(owners.get(i - 1).getUntil())
                        .as(address)
                        .isNotNull()
                        .isBeforeOrEqualTo(owners.get(i).getFrom());
            }
            pods.forEach(pod -> assertThat(
                            table.identity("pod/" + pod.getMetadata().getUid()).getName())
                    .isEqualTo(pod.getMetadata().getName()));
        });
        Map<String, byte[]> before = new HashMap<>();
        for (ConsumerRecord<String, SpecificRecord> record : broker.records(prefix)) {
            byte[] value = NatatorSerdes.identity().serializer().serialize(record.topic(), record.value());
            assertThat(value).as(record.key()).isNotNull().isNotEqualTo(before.put(record.key(), value));
        }
    }

    private EnricherProcess startLeading() throws Exception {
        replaceAllPods();
        EnricherProcess leader = start();
        awaitLeading(leader);
        return leader;
    }

    /** Starts a standby after the leader has written everything. */
    private EnricherProcess startStandingBy() throws Exception {
        EnricherProcess standby = start();
        awaitStandby(standby);
        replaceAllPods();
        awaitWritten();
        // A pod that is deleted while nobody leads owns its address up to the leader's last progress.
        broker.awaitProgress(prefix);
        return standby;
    }

    @Test
    void standbyReplacesAKilledLeaderAndNothingIsLostOrDoubled() throws Exception {
        // Given
        EnricherProcess leader = startLeading();
        EnricherProcess standby = startStandingBy();

        // When the leader is killed while pods are replaced, so that nobody leads until the Lease expires
        replacePods(1, ADDRESSES / 2);
        leader.kill();
        replacePods(ADDRESSES / 2 + 1, ADDRESSES);
        awaitLeading(standby);

        // Then
        replaceAllPods();
        awaitWritten();
        assertNothingIsLostOrDoubled();
        assertThat(standby.get("/metrics")).contains("natator_enricher_leader 1.0");
    }

    @Test
    void leaderPausedBeyondItsLeaseWritesNothingAnyMore() throws Exception {
        // Given
        EnricherProcess paused = startLeading();
        EnricherProcess standby = startStandingBy();

        // When
        paused.pause();
        replaceAllPods();
        awaitLeading(standby);
        replaceAllPods();
        awaitWritten();
        paused.resume();
        replaceAllPods();

        // Then
        awaitStandby(paused);
        replaceAllPods();
        awaitWritten();
        assertNothingIsLostOrDoubled();
        assertThat(paused.get("/metrics")).contains("natator_enricher_leader 0.0");
        assertThat(standby.get("/metrics"))
                .contains("natator_enricher_leader 1.0", "natator_enricher_deposed_total 0.0");
    }
}
