package io.natator.bpf;

import java.util.function.Consumer;

/** Where answers of the DNS come from. One thread at a time. */
public interface DnsAnswerSource {
    /**
     * The answers since the last time; each is handed out once and then forgotten. There are none unless they were asked for.
     *
     * @param limit how many at most
     * @return how many there were
     */
    int pollAnswers(int limit, Consumer<DnsAnswer> consumer);

    /** Figures since this source was opened. For the thread that reads answers, until the source is closed. */
    Statistics answerStatistics();

    /**
     * What became of answers in the kernel.
     *
     * @param copied handed out, or waiting to be
     * @param truncated of those, how many were copied in part
     * @param dropped for which there was no room, or which could not be read
     */
    record Statistics(long copied, long truncated, long dropped) {}
}
