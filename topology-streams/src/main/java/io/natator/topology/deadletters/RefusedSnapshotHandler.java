package io.natator.topology.deadletters;

import io.natator.topology.ledger.RefusedSnapshotException;
import java.util.Map;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Sends a snapshot that the ledger refuses to dead letters. Any other exception is a bug and stops the stream. Kafka
 * Streams creates the handler.
 */
public final class RefusedSnapshotHandler implements ProcessingExceptionHandler {
    private @Nullable DeadLetters deadLetters;

    /** Called by Kafka Streams. */
    public RefusedSnapshotHandler() {}

    @Override
    public void configure(Map<String, ?> configs) {
        deadLetters = (DeadLetters) configs.get(DeadLetters.CONFIG);
    }

    @Override
    public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
        if (deadLetters == null || !(exception instanceof RefusedSnapshotException refused)) {
            return Response.fail();
        }
        return Response.resume(deadLetters.of(
                context, context.sourceRawKey(), context.sourceRawValue(), refused.reason(), reason(refused)));
    }

    private static String reason(RefusedSnapshotException refused) {
        return refused.getMessage() == null ? refused.reason().name() : refused.getMessage();
    }
}
