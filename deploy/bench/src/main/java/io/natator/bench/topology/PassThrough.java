package io.natator.bench.topology;

import io.natator.schemas.NatatorSerdes;
import io.natator.schemas.Topic;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/**
 * The smallest topology that reads snapshots and writes them unchanged, exactly once. It shows the least CPU time that
 * Kafka Streams takes for a snapshot.
 */
final class PassThrough {
    /** Part of the output topic's name, between the prefix and the input topic's name. */
    static final String PREFIX = "pass-through.";

    private PassThrough() {}

    /** Creates the application. It has the settings of Kafka Streams that topology-streams has by default. */
    static KafkaStreams streams(String bootstrapServers, String prefix, String group, Path directory, int threads) {
        var settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, group);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1_000);
        settings.put(StreamsConfig.producerPrefix("linger.ms"), 20);
        settings.put(StreamsConfig.mainConsumerPrefix("auto.offset.reset"), "earliest");
        return new KafkaStreams(topology(prefix), settings);
    }

    private static Topology topology(String prefix) {
        var builder = new StreamsBuilder();
        builder.stream(
                        Topic.CONNECTIONS.name(prefix),
                        Consumed.with(NatatorSerdes.fingerprint(), NatatorSerdes.connectionSnapshot()))
                .to(
                        Topic.CONNECTIONS.name(prefix + PREFIX),
                        Produced.with(NatatorSerdes.fingerprint(), NatatorSerdes.connectionSnapshot()));
        return builder.build();
    }
}
