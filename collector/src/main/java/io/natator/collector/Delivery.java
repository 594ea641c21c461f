package io.natator.collector;

import io.natator.http.command.Problems;
import java.time.Duration;
import java.util.List;

/**
 * How records are sent to Kafka.
 *
 * @param maxUnacknowledged maximum number of opens and closes in memory that Kafka has not acknowledged; above that,
 *     opens and closes stay in the kernel's ring buffer
 * @param compression how records are compressed
 * @param linger how long the producer waits for further records before it sends a batch, at most 10 s
 * @param shutdownTimeout how long the collector waits at its end for Kafka to acknowledge the last records, at most 10
 *     min
 */
public record Delivery(int maxUnacknowledged, Compression compression, Duration linger, Duration shutdownTimeout) {
    /** Returns one line for each invalid value, with the option's name. */
    List<String> problems() {
        var problems = new Problems();
        problems.atLeast("--max-unacknowledged", maxUnacknowledged, 1);
        problems.within("--linger", linger, Duration.ZERO, Duration.ofSeconds(10));
        problems.within("--shutdown-timeout", shutdownTimeout, Duration.ZERO, Duration.ofMinutes(10));
        return problems.list();
    }
}
