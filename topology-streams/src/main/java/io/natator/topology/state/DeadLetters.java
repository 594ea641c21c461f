package io.natator.topology.state;

import io.natator.topology.state.TopologyStatistics.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes dead letters: key, value and headers as they were read, and headers that say why and from where. They leave in
 * the transaction of the records around them.
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
        var letter = new ProducerRecord<>(topic, null, key, value);
        if (context.headers() != null) {
            context.headers().forEach(letter.headers()::add);
        }
        letter.headers()
                .add(KIND, utf8(kind.name()))
                .add(REASON, utf8(reason))
                .add(SOURCE, utf8(context.topic() + "/" + context.partition() + "/" + context.offset()));
        return List.of(letter);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
