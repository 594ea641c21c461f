package io.natator.topology;

import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Decides which Kafka properties a file of {@code --kafka-config} must not set. */
final class ReservedKafkaProperties {
    /** The reserved properties. The value of each says what the user should do instead. */
    static final Map<String, String> ADVICE = Map.ofEntries(
            Map.entry(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "use --bootstrap-servers"),
            Map.entry(StreamsConfig.APPLICATION_ID_CONFIG, "use --application-id"),
            Map.entry(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, "it is always exactly once"),
            Map.entry(StreamsConfig.STATE_DIR_CONFIG, "use --state-dir"),
            Map.entry(StreamsConfig.GROUP_PROTOCOL_CONFIG, "use --group-protocol"),
            Map.entry(StreamsConfig.NUM_STREAM_THREADS_CONFIG, "use --threads"),
            Map.entry(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "use --commit-interval"),
            Map.entry(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "use --transaction-timeout"),
            Map.entry(
                    StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
                    "use --transaction-timeout"),
            Map.entry(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, "use --standby-replicas"),
            Map.entry(StreamsConfig.REPLICATION_FACTOR_CONFIG, "use --replication-factor"));

    private ReservedKafkaProperties() {}
}
