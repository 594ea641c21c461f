package io.natator.http.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Collects all problems of a configuration, one line each, so that they are reported together. */
public final class Problems {
    private static final int MAX_PORT = 65_535;

    private final List<String> found = new ArrayList<>();

    public void add(String problem) {
        found.add(problem);
    }

    public void addAll(Collection<String> problems) {
        found.addAll(problems);
    }

    /** Adds the text as a problem if the condition is false. */
    public void require(boolean condition, String problem) {
        if (!condition) {
            add(problem);
        }
    }

    /** Requires a number of at least {@code least}. */
    public void atLeast(String option, long value, long least) {
        require(value >= least, option + " " + value + " is too small: at least " + least);
    }

    /** Requires a number from {@code least} to {@code most}. */
    public void within(String option, long value, long least, long most) {
        require(value >= least && value <= most, option + " " + value + " is out of range: " + least + " to " + most);
    }

    /** Requires a duration from {@code least} to {@code most}. */
    public void within(String option, Duration value, Duration least, Duration most) {
        require(
                value.compareTo(least) >= 0 && value.compareTo(most) <= 0,
                option + " " + Durations.format(value) + " is out of range: " + Durations.format(least) + " to "
                        + Durations.format(most));
    }

    /** Requires a duration of at least 1 ms. */
    public void positive(String option, Duration value) {
        require(value.toMillis() > 0, option + " " + Durations.format(value) + " is too short: at least 1ms");
    }

    /** Requires a port to bind, 0 to 65535. 0 means any free port. */
    public void port(String option, int value) {
        require(value >= 0 && value <= MAX_PORT, option + " " + value + " is no port: 0 (any free) to " + MAX_PORT);
    }

    /** All problems added so far. */
    public List<String> list() {
        return List.copyOf(found);
    }
}
