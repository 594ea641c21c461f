package io.natator.bpf;

import java.util.function.Consumer;

/** A source of DNS answers. Not thread-safe: only one thread at a time is allowed to use it. */
public interface DnsAnswerSource {
    /**
     * Reads the answers that arrived since the last call. Each answer is passed to {@code consumer} once, and its space
     * in the ring buffer is released. There are no answers if {@link UdpTrackerOptions#answers} is false.
     *
     * @param limit maximum number of answers
     * @return number of answers passed to {@code consumer}
     */
    int pollAnswers(int limit, Consumer<DnsAnswer> consumer);

    /**
     * Returns the numbers of answers since this source was opened. Only the thread that reads answers is allowed to
     * call it, and only until the source is closed.
     */
    Statistics answerStatistics();

    /**
     * Numbers of DNS answers that the kernel side has copied or dropped.
     *
     * @param copied answers that were copied to the ring buffer
     * @param truncated copied answers of which only the beginning was copied
     * @param dropped answers that were not copied, because the ring buffer was full or their bytes could not be read
     */
    record Statistics(long copied, long truncated, long dropped) {}
}
