package io.natator.topology.state;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * Returns the timestamp of a record, or the stream's time if the record has none (−1). The default extractor of Kafka
 * Streams stops the stream at such a record. No counter depends on this time: the time of a connection is in its
 * snapshot. Kafka Streams creates it. Thread-safe.
 */
public final class RecordTimestampExtractor implements TimestampExtractor {
    /** For Kafka Streams. */
    public RecordTimestampExtractor() {}

    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        return record.timestamp() >= 0 ? record.timestamp() : Math.max(0, partitionTime);
    }
}
