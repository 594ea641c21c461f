package io.natator.topology;

import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/** Decides what happens after a stream thread has failed. Pure. */
final class StreamThreadFailures {
    private StreamThreadFailures() {}

    /**
     * The response to the failure of a stream thread. If the cause is a temporary condition of the brokers, the thread
     * is replaced, and the new thread processes the same records again. After any other failure the instance stops.
     */
    static StreamThreadExceptionResponse response(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof RetriableException) {
                return StreamThreadExceptionResponse.REPLACE_THREAD;
            }
        }
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
}
