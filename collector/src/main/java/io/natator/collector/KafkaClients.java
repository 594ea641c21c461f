package io.natator.collector;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Creates the Kafka clients of the collector. The operator's settings override the settings here, except those that
 * prevent loss and duplicates.
 */
final class KafkaClients {
    /** The settings that the operator cannot change, each with the reason. */
    static final Map<String, String> RESERVED = Map.ofEntries(
            Map.entry(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "use --bootstrap-servers"),
            Map.entry(ProducerConfig.COMPRESSION_TYPE_CONFIG, "use --compression"),
            Map.entry(ProducerConfig.LINGER_MS_CONFIG, "use --linger"),
            Map.entry(ProducerConfig.ACKS_CONFIG, "it is always all, or an acknowledged close could be lost"),
            Map.entry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "it is always on"),
            Map.entry(ProducerConfig.RETRIES_CONFIG, "failed requests are always retried"),
            Map.entry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "failed requests are always retried"),
            Map.entry(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "it is always 1"),
            Map.entry(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "the collector does not write in transactions"),
            Map.entry(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, "the topic's schema is fixed"),
            Map.entry(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, "the topic's schema is fixed"));

    /** Size of the producer's buffer in bytes: 8 MiB. The records of 10,000 changed connections take about 3 MB. */
    private static final String BUFFER_BYTES = Integer.toString(8 << 20);

    private static final String BATCH_BYTES = Integer.toString(32 << 10);
    private static final String MAX_BLOCK_MILLIS = "1000";
    /**
     * Time (2 min) after which sending a batch fails if a broker refuses it all the time. The records of the batch are
     * then sent again with new sequence numbers. To avoid such refusals, the producer has only one request in flight. A
     * broker accepts any first sequence number from a producer that it does not know yet (KAFKA-19880). With more
     * requests in flight, a second batch could arrive before the first one, and the broker would then always refuse the
     * first batch.
     */
    private static final String DELIVERY_TIMEOUT_MILLIS = "120000";

    private static final String ADMIN_TIMEOUT_MILLIS = "5000";

    private KafkaClients() {}

    static Map<String, Object> producerProperties(CollectorConfig config) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MILLIS);
        // JMX is turned off, because the client would register thousands of JMX beans.
        properties.put(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        properties.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, "false");
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, clientId(config));
        properties.putAll(config.kafka().clientProperties());
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
        properties.put(
                ProducerConfig.COMPRESSION_TYPE_CONFIG,
                config.delivery().compression().kafkaName());
        properties.put(
                ProducerConfig.LINGER_MS_CONFIG,
                Long.toString(config.delivery().linger().toMillis()));
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        properties.put(ProducerConfig.RETRIES_CONFIG, Integer.toString(Integer.MAX_VALUE));
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MILLIS);
        properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
        properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        properties.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
        return properties;
    }

    static Producer<byte[], byte[]> producer(CollectorConfig config) {
        return new KafkaProducer<>(producerProperties(config));
    }

    static Admin admin(CollectorConfig config) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ADMIN_TIMEOUT_MILLIS);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ADMIN_TIMEOUT_MILLIS);
        properties.put(AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        properties.put(AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, "false");
        properties.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId(config) + "-admin");
        config.kafka().clientProperties().forEach((name, value) -> {
            boolean known = AdminClientConfig.configNames().contains(name) || name.startsWith("config.providers");
            if (known && !name.endsWith("timeout.ms")) {
                properties.put(name, value);
            }
        });
        properties.put(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
        return Admin.create(properties);
    }

    private static String clientId(CollectorConfig config) {
        return "natator-collector-" + config.node().name();
    }
}
