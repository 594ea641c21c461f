package io.natator.topology.state;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * Returns the timestamp of a record. For a record without a timestamp (−1), it returns the highest timestamp of the
 * partition so far. The default extractor of Kafka Streams stops the stream if a record has no timestamp. No counter
 * depends on the timestamp, because the times of a connection are in the snapshot. Kafka Streams creates the extractor.
 * Thread-safe.
 */
public final class RecordTimestampExtractor implements TimestampExtractor {
    /** Called by Kafka Streams. */
    public RecordTimestampExtractor() {}

    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        return record.timestamp() >= 0 ? record.timestamp() : Math.max(0, partitionTime);
    }
}
