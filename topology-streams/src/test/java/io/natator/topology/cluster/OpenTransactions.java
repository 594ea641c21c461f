package io.natator.topology.cluster;

import io.natator.topology.TopologyConfig;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;

/**
 * Reads the open transactions from the brokers. Also defines how long the transaction of a killed instance stays open
 * at most.
 */
final class OpenTransactions {
    /** The default value of --transaction-timeout. */
    static final Duration TIMEOUT =
            TopologyConfig.fromOptions().streams().transactions().timeout();

    /**
     * How often brokers check for timed-out transactions: default of
     * transaction.abort.timed.out.transaction.cleanup.interval.ms.
     */
    private static final Duration CHECKED_EVERY = Duration.ofSeconds(10);

    /**
     * The brokers must abort the transaction of a killed instance within this time, even on a busy machine. With
     * Kafka's default transaction timeout of 60 s they would need longer, so a test would fail.
     */
    static final Duration PATIENCE = TIMEOUT.plus(CHECKED_EVERY).multipliedBy(3);

    private OpenTransactions() {}

    /** Transactions that are neither committed nor aborted, by transactional id. */
    static Map<String, TransactionDescription> of(String bootstrapServers) {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
            var ids = admin.listTransactions().all().get().stream()
                    .map(TransactionListing::transactionalId)
                    .toList();
            return admin.describeTransactions(ids).all().get().entrySet().stream()
                    .filter(entry -> entry.getValue().state() == TransactionState.ONGOING)
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
