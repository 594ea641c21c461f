package io.natator.topology;

import io.natator.schemas.Topic;
import io.natator.topology.deadletters.DeadLetters;
import io.natator.topology.deadletters.RefusedSnapshotHandler;
import io.natator.topology.deadletters.UndecodableRecordHandler;
import io.natator.topology.state.RecordTimestampExtractor;
import io.natator.topology.state.StoreMemory;
import io.natator.topology.state.StoreMemoryConfigSetter;
import io.natator.topology.statistics.TopologyStatistics;
import java.util.Locale;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Computes the settings of Kafka Streams from the configuration. */
final class StreamsSettings {
    private StreamsSettings() {}

    /** Settings for tests. They lack the shared memory of the stores and the advertised address. */
    static Properties streamsConfig(TopologyConfig config, TopologyStatistics statistics) {
        var properties = new Properties();
        // Links are written often, so large batches save requests. The user can override these three settings by
        // --kafka-config.
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), "20");
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), "65536");
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "none");
        properties.putAll(config.kafka().clientProperties());
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, config.streams().applicationId());
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG,
                config.streams().stores().directory().toAbsolutePath().toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        properties.put(
                StreamsConfig.GROUP_PROTOCOL_CONFIG,
                config.streams().groupProtocol().name().toLowerCase(Locale.ROOT));
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.streams().threads());
        if (config.streams().groupProtocol() == TopologyConfig.GroupProtocol.CLASSIC) {
            // Only for the classic protocol. With the streams protocol, the broker's configuration of the group sets
            // this number.
            properties.put(
                    StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG,
                    config.streams().replication().standbys());
        }
        properties.put(
                StreamsConfig.REPLICATION_FACTOR_CONFIG,
                config.streams().replication().internalTopics().orElse(-1));
        properties.put(
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
                config.streams().transactions().commitInterval().toMillis());
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), (int)
                config.streams().transactions().timeout().toMillis());
        properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemoryConfigSetter.class);
        properties.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, RecordTimestampExtractor.class);
        properties.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, UndecodableRecordHandler.class);
        properties.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, RefusedSnapshotHandler.class);
        properties.put(
                DeadLetters.CONFIG,
                new DeadLetters(Topic.DEAD_LETTERS.name(config.kafka().topicPrefix()), statistics));
        properties.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return properties;
    }

    /**
     * All settings of an instance, including the shared memory of the stores and the advertised address.
     *
     * @param memory memory of the stores; must be closed after the stores
     * @param advertised address at which other instances reach this one, {@code host:port}
     */
    static Properties streamsConfig(
            TopologyConfig config, TopologyStatistics statistics, StoreMemory memory, String advertised) {
        Properties properties = streamsConfig(config, statistics);
        properties.put(StreamsConfig.APPLICATION_SERVER_CONFIG, advertised);
        properties.put(StoreMemory.CONFIG, memory);
        return properties;
    }
}
