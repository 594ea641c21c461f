package io.natator.bpf;

import java.util.function.Consumer;

/** A source of DNS answers. Only one thread at a time may use it. */
public interface DnsAnswerSource {
    /**
     * Reads the answers since the last call. Each answer is passed to {@code consumer} once, and its space in the ring
     * buffer is released. Without {@link UdpTrackerOptions#answers} there are no answers.
     *
     * @param limit maximum number of answers
     * @return number of answers passed to {@code consumer}
     */
    int pollAnswers(int limit, Consumer<DnsAnswer> consumer);

    /**
     * Returns the numbers since this source was opened. Only the reading thread may call it, before the source is
     * closed.
     */
    Statistics answerStatistics();

    /**
     * How many answers the kernel side has processed.
     *
     * @param copied answers that were copied to the ring buffer
     * @param truncated those of the copied answers of which only the beginning was copied
     * @param dropped answers that were not copied, because the ring buffer was full or their bytes could not be read
     */
    record Statistics(long copied, long truncated, long dropped) {}
}
