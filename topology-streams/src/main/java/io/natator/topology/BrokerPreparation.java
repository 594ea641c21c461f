package io.natator.topology;

import io.natator.schemas.Topic;
import io.natator.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits until a Kafka broker answers, and then creates the topics that do not exist. */
final class BrokerPreparation {
    private static final Logger log = LoggerFactory.getLogger(BrokerPreparation.class);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final TopologyConfig config;

    BrokerPreparation(TopologyConfig config) {
        this.config = config;
    }

    /**
     * Waits until all topics exist. While no broker answers, this method tries again every second.
     *
     * @return the number of partitions of the topic {@code connections}
     * @throws KafkaException if the broker refuses the request for a reason that does not go away by waiting, such as
     *     missing permission
     * @throws InterruptedException if interrupted while waiting
     */
    int prepare() throws InterruptedException {
        boolean logged = false;
        while (true) {
            KafkaException unreachable;
            try {
                return prepareOnce();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof RetriableException retriable)) {
                    throw new KafkaException(String.valueOf(e.getCause()), e);
                }
                unreachable = retriable;
            } catch (KafkaException e) {
                if (!isUnresolvable(e)) {
                    throw e;
                }
                unreachable = e;
            }
            (logged ? log.atDebug() : log.atWarn())
                    .addKeyValue("bootstrapServers", config.kafka().bootstrapServers())
                    .addKeyValue("reason", unreachable.getMessage())
                    .log("Cannot reach the broker; retrying until it answers");
            logged = true;
            Thread.sleep(PAUSE);
        }
    }

    private int prepareOnce() throws ExecutionException, InterruptedException {
        Admin admin = Admin.create(adminConfig());
        try {
            Set<String> created = Topics.createMissing(
                    admin,
                    config.kafka().topicPrefix(),
                    List.of(Topic.values()),
                    config.kafka().partitions());
            if (!created.isEmpty()) {
                log.atInfo().addKeyValue("topics", created).log("Missing topics were created");
            }
            String connections = Topic.CONNECTIONS.name(config.kafka().topicPrefix());
            var descriptions =
                    admin.describeTopics(List.of(connections)).allTopicNames().get();
            return Objects.requireNonNull(descriptions.get(connections))
                    .partitions()
                    .size();
        } finally {
            // A timeout of 0, because nothing needs the results of requests that are still running.
            admin.close(Duration.ZERO);
        }
    }

    /**
     * Whether the client failed because no host name of a broker resolves. The caller retries, as for a broker that has
     * not started yet.
     */
    private static boolean isUnresolvable(KafkaException exception) {
        for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains("No resolvable bootstrap urls")) {
                return true;
            }
        }
        return false;
    }

    private Map<String, Object> adminConfig() {
        Map<String, Object> settings = new HashMap<>(config.kafka().clientProperties());
        settings.put(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST_TIMEOUT.toMillis());
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) REQUEST_TIMEOUT.toMillis());
        return settings;
    }
}
