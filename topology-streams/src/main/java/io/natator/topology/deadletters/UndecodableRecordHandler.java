package io.natator.topology.deadletters;

import io.natator.schemas.RegistryUnavailableException;
import io.natator.topology.statistics.DeadLetterReason;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;

/** Sends a record that cannot be decoded to dead letters. Kafka Streams creates the handler. */
public final class UndecodableRecordHandler implements DeserializationExceptionHandler {
    private @Nullable DeadLetters deadLetters;

    /** Called by Kafka Streams. */
    public UndecodableRecordHandler() {}

    @Override
    public void configure(Map<String, ?> configs) {
        deadLetters = (DeadLetters) configs.get(DeadLetters.CONFIG);
    }

    @Override
    public Response handleError(
            ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
        // While the schema registry is down, a valid record cannot be decoded either. After FAIL the stream thread is
        // replaced, and the new thread reads the record again.
        if (deadLetters == null || exception instanceof RegistryUnavailableException) {
            return Response.fail();
        }
        return Response.resume(
                deadLetters.of(context, record.key(), record.value(), DeadLetterReason.UNDECODABLE, reason(exception)));
    }

    private static String reason(Exception exception) {
        return exception.getMessage() == null ? exception.toString() : exception.getMessage();
    }
}
