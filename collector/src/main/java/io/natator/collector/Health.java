package io.natator.collector;

import io.natator.collector.handover.KafkaSender;
import io.natator.collector.handover.OutageWatch;
import io.natator.collector.handover.TopicCreation;
import java.util.Optional;

/**
 * Decides whether the collector is alive ({@code /healthz}) and ready ({@code /readyz}). It is ready when its topics
 * exist, there is no outage of Kafka, and Kafka has acknowledged the first record or no record was sent yet.
 * Thread-safe.
 */
final class Health {
    private final String bootstrapServers;
    private final TopicCreation topics;
    private final OutageWatch outage;
    private final KafkaSender sender;

    Health(String bootstrapServers, TopicCreation topics, OutageWatch outage, KafkaSender sender) {
        this.bootstrapServers = bootstrapServers;
        this.topics = topics;
        this.outage = outage;
        this.sender = sender;
    }

    /** Returns why the collector is not alive; empty if it is alive. */
    static Optional<String> notAlive(Thread collecting) {
        return collecting.isAlive() ? Optional.empty() : Optional.of("the collecting thread has ended");
    }

    /** Returns why the collector is not ready; empty if it is ready. */
    Optional<String> notReady() {
        if (!topics.isDone()) {
            return Optional.of("waiting for Kafka at " + bootstrapServers + ": " + kafkaFailure());
        }
        if (outage.isOut()) {
            return Optional.of("Kafka at " + bootstrapServers + " does not acknowledge: " + kafkaFailure());
        }
        return sender.acknowledged() == 0 && sender.inFlight() > 0
                ? Optional.of("waiting for the first acknowledgement")
                : Optional.empty();
    }

    /** Returns why the last request to Kafka failed. */
    String kafkaFailure() {
        String reason = topics.isDone() ? sender.lastFailure() : topics.lastFailure();
        return reason.isEmpty() ? "no answer" : reason;
    }
}
