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
    /**
     * Key under which the configuration of Kafka Streams contains this object. The exception handlers read it there.
     */
    public static final String CONFIG = "natator.dead.letters";

    /** Name of the header with the reason as text. */
    public static final String REASON = "natator.reason";

    /** Name of the header with the kind of reason, one of {@link DeadLetterReason}. */
    public static final String KIND = "natator.reason.kind";

    /** Name of the header that says where the record was read, as {@code topic/partition/offset}. */
    public static final String SOURCE = "natator.source";

    /** Name of the header with the original length of a truncated value, in bytes. */
    public static final String VALUE_LENGTH = "natator.value.length";

    /**
     * Maximum length of the refused record's key, value and headers together, in bytes. With the headers that are
     * added, the dead letter is still shorter than the broker's default limit of about 1 MiB.
     */
    private static final int MAX_LENGTH = 1_000_000;

    /** Length to which the key and the value of a too long record are truncated, in bytes. */
    private static final int TRUNCATED_LENGTH = 64 << 10;

    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

    private final String topic;
    private final TopologyStatistics statistics;

    /**
     * Creates an object that makes dead letters for one topic.
     *
     * @param topic name of the topic of dead letters
     * @param statistics counts dead letters
     */
    public DeadLetters(String topic, TopologyStatistics statistics) {
        this.topic = topic;
        this.statistics = statistics;
    }

    /**
     * Returns the dead letter of one record.
     *
     * @param key the record's key as it was read
     * @param value the record's value as it was read
     * @param reason the reason as text; it must not contain contents of the record
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
