package io.natator.topology.deadletters;

import io.natator.topology.state.TopologyStatistics;
import io.natator.topology.state.TopologyStatistics.Refusal;
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
 * Makes dead letters: key, value and headers as they were read, and headers that say why and from where. What is too long
 * to be sent again is cut, and loses its own headers. They leave in the transaction of the records around them.
 */
public final class DeadLetters {
    /** Under this name the handlers find it in the Streams configuration. */
    public static final String CONFIG = "natator.dead.letters";

    /** Header: why, for a person. */
    public static final String REASON = "natator.reason";

    /** Header: the kind of reason, one of {@link Refusal}. */
    public static final String KIND = "natator.reason.kind";

    /** Header: topic, partition and offset it was read from, as {@code topic/partition/offset}. */
    public static final String SOURCE = "natator.source";

    /** Header: how long the value was, where it was cut because a letter of that size could not be sent. */
    public static final String VALUE_LENGTH = "natator.value.length";

    /** With our own headers well below what a broker takes by default, about 1 MiB. */
    private static final int MAX_LENGTH = 1_000_000;

    private static final int CUT_LENGTH = 64 << 10;

    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

    private final String topic;
    private final TopologyStatistics statistics;

    /**
     * A maker of dead letters.
     *
     * @param topic where they go
     * @param statistics counts them
     */
    public DeadLetters(String topic, TopologyStatistics statistics) {
        this.topic = topic;
        this.statistics = statistics;
    }

    /**
     * The letters for one record.
     *
     * @param key as read
     * @param value as read
     * @param reason for a person, without contents of the record
     */
    public List<ProducerRecord<byte[], byte[]>> of(
            ErrorHandlerContext context, byte @Nullable [] key, byte @Nullable [] value, Refusal kind, String reason) {
        (statistics.refused(kind).increment() == 1 ? log.atWarn() : log.atDebug())
                .addKeyValue("topic", context.topic())
                .addKeyValue("partition", context.partition())
                .addKeyValue("offset", context.offset())
                .addKeyValue("reason", reason)
                .log("A record is set aside as a dead letter; further ones for this kind of reason are only counted");
        boolean fits = length(key) + length(value) + length(context.headers()) <= MAX_LENGTH;
        var letter = new ProducerRecord<>(topic, null, fits ? key : cut(key), fits ? value : cut(value));
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

    private static byte @Nullable [] cut(byte @Nullable [] bytes) {
        return bytes == null ? null : Arrays.copyOf(bytes, Math.min(bytes.length, CUT_LENGTH));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
