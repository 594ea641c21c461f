package io.natator.bpf;

import java.util.function.Consumer;

/** A source of DNS answers. For one thread at a time. */
public interface DnsAnswerSource {
    /**
     * Reads the answers since the last call; each is passed once, and then released. There are none unless
     * {@link UdpTrackerOptions#answers} is set.
     *
     * @param limit maximum number of answers
     * @return how many there were
     */
    int pollAnswers(int limit, Consumer<DnsAnswer> consumer);

    /** Figures since this source was opened. Only for the thread that reads answers, until the source is closed. */
    Statistics answerStatistics();

    /**
     * How many answers the kernel side has processed.
     *
     * @param copied to the ring buffer, read or not
     * @param truncated those of the copied ones that were copied in part
     * @param dropped because the ring buffer was full, or because they could not be read
     */
    record Statistics(long copied, long truncated, long dropped) {}
}
