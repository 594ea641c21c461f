package io.natator.topology.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natator.topology.TestBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests how long an instance that is killed during a transaction delays others. Until the transaction is aborted, no
 * consumer of committed records can read later records.
 */
class OpenTransactionTest {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /**
     * A commit interval that is shorter than the default of --transaction-timeout, but long enough that a kill happens
     * during an open transaction.
     */
    private static final List<String> SELDOM = List.of("--commit-interval", "8s");

    private static TestBroker broker;

    @TempDir
    Path directory = Path.of("");

    @BeforeAll
    static void startBroker() throws Exception {
        broker = new TestBroker();
    }

    @AfterAll
    static void stopBroker() throws Exception {
        broker.close();
    }

    @Test
    void brokersAbortTheTransactionOfAnInstanceThatDoesNotReturn() {
        try (var dead = instance("dead", "gone", SELDOM, "3000");
                var traffic = traffic(dead, "gone")) {
            // Given
            Left left = killInTransaction(dead, "gone.links", traffic);
            assertThat(left.description.transactionTimeoutMs()).isEqualTo(OpenTransactions.TIMEOUT.toMillis());

            // When
            await().atMost(OpenTransactions.PATIENCE).until(left::isOver);

            // Then another instance, which starts without state, continues, and consumers can read all records
            try (var other = instance("other", "gone", SELDOM, "3000")) {
                awaitAll(traffic, other, "gone");
            }
        }
    }

    @Test
    void restartedInstanceAbortsTheTransactionThatItLeftOpen() {
        // With these timeouts, the brokers would abort the transaction only after 14 minutes, and the group would wait
        // equally long for the killed instance. So the restarted instance must abort the transaction itself.
        List<String> patient = List.of("--transaction-timeout", "14m", "--commit-interval", "8s");
        try (var instance = instance("again", "back", patient, "840000");
                var traffic = traffic(instance, "back")) {
            // Given
            Left left = killInTransaction(instance, "back.links", traffic);

            // When
            instance.startAgain();

            // Then
            await().atMost(PATIENCE).until(left::isOver);
        }
    }

    /** A transaction that a killed instance left open. */
    private record Left(String id, TransactionDescription description) {
        boolean isOver() {
            TransactionDescription now =
                    OpenTransactions.of(broker.bootstrapServers()).get(id);
            return now == null || !started(now).equals(started(description));
        }

        private static OptionalLong started(TransactionDescription transaction) {
            return transaction.transactionStartTimeMs();
        }
    }

    private Instance instance(String name, String id, List<String> more, String sessionTimeout) {
        var options = new ArrayList<>(
                List.of("--application-id", id, "--topic-prefix", id + ".", "--threads", "1", "--partitions", "2"));
        options.addAll(List.of("--publish-interval", "500ms"));
        options.addAll(more);
        return new Instance(
                directory.resolve(name),
                broker.bootstrapServers(),
                options,
                Map.of("session.timeout.ms", sessionTimeout, "heartbeat.interval.ms", "500"));
    }

    private static Traffic traffic(Instance instance, String id) {
        await().atMost(PATIENCE)
                .until(() -> instance.get("/readyz")
                        .filter(answer -> answer.body().contains("no connection snapshot"))
                        .isPresent());
        return new Traffic(broker.bootstrapServers(), id + ".", 200);
    }

    /**
     * Kills the instance after it wrote to the topic and before it commits. Restarts it and tries again if the commit
     * was faster.
     */
    private static Left killInTransaction(Instance instance, String topic, Traffic traffic) {
        return await().atMost(PATIENCE)
                .until(
                        () -> {
                            Left open = openTransaction(topic, traffic);
                            instance.kill();
                            if (open.isOver()) {
                                instance.startAgain();
                                return null;
                            }
                            return open;
                        },
                        left -> left != null);
    }

    private static Left openTransaction(String topic, Traffic traffic) {
        return await().atMost(PATIENCE)
                .until(
                        () -> {
                            traffic.grow(10);
                            return OpenTransactions.of(broker.bootstrapServers()).entrySet().stream()
                                    .filter(entry -> entry.getValue().topicPartitions().stream()
                                            .map(TopicPartition::topic)
                                            .anyMatch(topic::equals))
                                    .findFirst()
                                    .map(entry -> new Left(entry.getKey(), entry.getValue()))
                                    .orElse(null);
                        },
                        left -> left != null);
    }

    private static void awaitAll(Traffic traffic, Instance instance, String id) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(PublishedLinks.bytes(broker.bootstrapServers(), id + ".links"))
                    .isEqualTo(traffic.totalBytes());
            assertThat(instance.counters().entrySet().stream()
                            .filter(counter -> counter.getKey().startsWith("natator_link_bytes_total"))
                            .mapToLong(counter -> counter.getValue().longValue())
                            .sum())
                    .isEqualTo(traffic.totalBytes());
        });
    }
}
