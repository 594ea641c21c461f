package io.natator.collector.handover;

import io.natator.schemas.Topic;
import io.natator.schemas.Topics;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the Kafka topics that do not exist yet, on a separate thread. Tries again every second until it succeeds.
 * Thread-safe.
 */
public final class TopicCreation implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TopicCreation.class);
    private static final long AGAIN_AFTER_MILLIS = 1_000;

    private final Supplier<Admin> admins;
    private final String topicPrefix;
    private final List<Topic> topics;
    private final int partitions;
    private final Thread thread;
    private volatile boolean done;
    private volatile String lastFailure = "";

    /** Returns the topics that a collector needs. */
    public static List<Topic> neededTopics(boolean dnsNames) {
        return dnsNames ? List.of(Topic.CONNECTIONS, Topic.DNS_NAMES) : List.of(Topic.CONNECTIONS);
    }

    /**
     * Starts to create the topics.
     *
     * @param admins creates an admin client with a bounded {@code default.api.timeout.ms}, or throws
     *     {@link KafkaException}
     */
    public TopicCreation(Supplier<Admin> admins, String topicPrefix, List<Topic> topics, int partitions) {
        this.admins = admins;
        this.topicPrefix = topicPrefix;
        this.topics = List.copyOf(topics);
        this.partitions = partitions;
        this.thread = Thread.ofVirtual().name("topic-creation").start(this::run);
    }

    private void run() {
        try {
            while (!attempt()) {
                Thread.sleep(AGAIN_AFTER_MILLIS);
            }
        } catch (InterruptedException closed) {
            log.debug("Stopped creating topics: the collector is closed");
        }
    }

    private boolean attempt() throws InterruptedException {
        try (Admin admin = admins.get()) {
            Set<String> created = Topics.createMissing(admin, topicPrefix, topics, partitions);
            if (!created.isEmpty()) {
                log.atInfo()
                        .addKeyValue("topics", created)
                        .addKeyValue("partitions", partitions)
                        .log("Created topics");
            }
            done = true;
        } catch (ExecutionException e) {
            lastFailure = String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
        } catch (KafkaException e) {
            lastFailure = String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
        }
        return done;
    }

    /** Whether all topics exist. */
    public boolean isDone() {
        return done;
    }

    /** Returns why the last failed attempt to create the topics failed; empty if no attempt has failed. */
    public String lastFailure() {
        return lastFailure;
    }

    /** Stops trying to create the topics. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
