package io.natator.topology.deadletters;

import io.natator.topology.statistics.DeadLetterReason;
import io.natator.topology.statistics.TopologyStatistics;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates dead letters: records for the topic {@code dead-letters}. A dead letter has the key, value and headers of the
 * refused record, and further headers with the reason and the source. If the refused record is too long to be sent
 * again, its key and value are truncated and its headers are dropped. A dead letter is sent in the transaction in which
 * the refused record is read.
 */
public final class DeadLetters {
    /** Key of this object in the configuration of Kafka Streams, where the exception handlers find it. */
    public static final String CONFIG = "natator.dead.letters";

    /** Header: the reason as text. */
    public static final String REASON = "natator.reason";

    /** Header: the kind of reason, one of {@link DeadLetterReason}. */
    public static final String KIND = "natator.reason.kind";

    /** Header: where the record was read, as {@code topic/partition/offset}. */
    public static final String SOURCE = "natator.source";

    /** Header: original length of a value that was truncated, in bytes. */
    public static final String VALUE_LENGTH = "natator.value.length";

    /**
     * Maximum length of key, value and headers together, in bytes. With the further headers, the record is still
     * shorter than the default limit of a broker, about 1 MiB.
     */
    private static final int MAX_LENGTH = 1_000_000;

    /** Length to which a key or value is truncated, in bytes. */
    private static final int TRUNCATED_LENGTH = 64 << 10;

    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

    private final String topic;
    private final TopologyStatistics statistics;

    /**
     * Creates dead letters for a topic.
     *
     * @param topic name of the topic
     * @param statistics counts dead letters
     */
    public DeadLetters(String topic, TopologyStatistics statistics) {
        this.topic = topic;
        this.statistics = statistics;
    }

    /**
     * The dead letter of one record.
     *
     * @param key the record's key as it was read
     * @param value the record's value as it was read
     * @param reason the reason as text, which must not contain contents of the record
     */
    public List<ProducerRecord<byte[], byte[]>> of(
            ErrorHandlerContext context,
            byte @Nullable [] key,
            byte @Nullable [] value,
            DeadLetterReason kind,
            String reason) {
        (statistics.refused(kind).increment() == 1 ? log.atWarn() : log.atDebug())
                .addKeyValue("topic", context.topic())
                .addKeyValue("partition", context.partition())
                .addKeyValue("offset", context.offset())
                .addKeyValue("reason", reason)
                .log("A record is sent to dead letters; further ones with this kind of reason are only counted");
        boolean fits = length(key) + length(value) + length(context.headers()) <= MAX_LENGTH;
        var letter = new ProducerRecord<>(topic, null, fits ? key : truncated(key), fits ? value : truncated(value));
        if (fits && context.headers() != null) {
            context.headers().forEach(letter.headers()::add);
        }
        if (!fits) {
            letter.headers().add(VALUE_LENGTH, utf8(Integer.toString(length(value))));
        }
        letter.headers()
                .add(KIND, utf8(kind.name()))
                .add(REASON, utf8(reason))
                .add(SOURCE, utf8(context.topic() + "/" + context.partition() + "/" + context.offset()));
        return List.of(letter);
    }

    private static int length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static int length(@Nullable Headers headers) {
        int length = 0;
        if (headers != null) {
            for (Header header : headers) {
                length += header.key().length() + length(header.value());
            }
        }
        return length;
    }

    private static byte @Nullable [] truncated(byte @Nullable [] bytes) {
        return bytes == null ? null : Arrays.copyOf(bytes, Math.min(bytes.length, TRUNCATED_LENGTH));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
