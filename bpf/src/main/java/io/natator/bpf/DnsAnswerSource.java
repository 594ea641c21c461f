package io.natator.bpf;

import java.util.function.Consumer;

/** A source of DNS answers. For one thread at a time. */
public interface DnsAnswerSource {
    /**
     * Reads the answers since the last call; each is passed once, and then released. There are none unless
     * {@link UdpTrackerOptions#answers} is set.
     *
     * @param limit maximum number of answers
     * @return number of answers given to {@code consumer}
     */
    int pollAnswers(int limit, Consumer<DnsAnswer> consumer);

    /** Figures since this source was opened. Only for the thread that reads answers, until the source is closed. */
    Statistics answerStatistics();

    /**
     * Numbers of answers that the kernel side has processed.
     *
     * @param copied answers copied to the ring buffer, whether they were read or not
     * @param truncated copied answers of which only the beginning was copied
     * @param dropped answers dropped because the ring buffer was full or their bytes could not be read
     */
    record Statistics(long copied, long truncated, long dropped) {}
}
