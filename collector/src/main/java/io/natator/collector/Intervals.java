package io.natator.collector;

import io.natator.http.command.Durations;
import io.natator.http.command.Problems;
import java.time.Duration;
import java.util.List;

/**
 * How often the collector reads from the kernel and reports.
 *
 * @param poll time between two reads of opens and closes, 10 ms to 1 min
 * @param snapshot time between two reads of the counters of open connections, 100 ms to 1 h
 * @param heartbeat time after which an idle connection is reported again, from the snapshot interval to 12 h
 */
public record Intervals(Duration poll, Duration snapshot, Duration heartbeat) {
    /** Time between two reads of the kernel side's statistics for {@code /metrics}. It cannot be configured. */
    static final Duration STATISTICS = Duration.ofSeconds(1);

    /** Returns one line for each invalid value, with the option's name. */
    List<String> problems() {
        var problems = new Problems();
        problems.within("--poll-interval", poll, Duration.ofMillis(10), Duration.ofMinutes(1));
        problems.within("--snapshot-interval", snapshot, Duration.ofMillis(100), Duration.ofHours(1));
        problems.within("--heartbeat-interval", heartbeat, Duration.ofMillis(100), Duration.ofHours(12));
        problems.require(
                heartbeat.compareTo(snapshot) >= 0,
                "--heartbeat-interval (" + Durations.format(heartbeat) + ") is shorter than --snapshot-interval ("
                        + Durations.format(snapshot) + "): idle connections are only checked in a snapshot");
        return problems.list();
    }
}
