package io.natator.topology.state;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The time of a record as Kafka has it, and the stream's where it has none (a record without a timestamp has −1). Kafka
 * Streams' own extractor ends the stream there. Nothing is counted by this time: that of a connection is in its snapshot.
 * Made by Kafka Streams; thread-safe.
 */
public final class RecordTimestampExtractor implements TimestampExtractor {
    /** For Kafka Streams. */
    public RecordTimestampExtractor() {}

    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        return record.timestamp() >= 0 ? record.timestamp() : Math.max(0, partitionTime);
    }
}
