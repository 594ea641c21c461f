package io.natator.topology.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;

/** The transactions that the brokers know, and how long an abandoned one may stay open. */
final class OpenTransactions {
    /** Default of --transaction-timeout. */
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Default of the brokers' transaction.abort.timed.out.transaction.cleanup.interval.ms. */
    private static final Duration CHECKED_EVERY = Duration.ofSeconds(10);

    /**
     * An abandoned transaction is aborted within this time, even on a busy machine; with the producers' default of 60 s
     * it is not.
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
