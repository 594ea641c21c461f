package io.natator.collector;

import io.natator.bpf.DnsAnswerSource;
import io.natator.bpf.SocketBatch;
import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketSource;
import io.natator.bpf.SocketSourceStatistics;
import io.natator.bpf.libbpf.ProgramStatistics;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Combines a TCP source and a UDP source into one source. Its batches must be released in the order in which they were
 * read, so that the batches of each of the two sources are also released in order.
 */
final class JointSource implements SocketSource {
    private final SocketSource tcp;
    private final SocketSource udp;
    private final DnsAnswerSource answers;
    private boolean udpFirst;
    private volatile SocketSourceStatistics udpStatistics;

    /**
     * Combines two sources.
     *
     * @param tcp closed with this source
     * @param udp closed with this source
     * @param answers reads the DNS answers that the UDP programs copy
     */
    JointSource(SocketSource tcp, SocketSource udp, DnsAnswerSource answers) {
        this.tcp = tcp;
        this.udp = udp;
        this.answers = answers;
        this.udpStatistics = udp.statistics();
    }

    /** Polls TCP and UDP alternately, so that a busy source does not delay the other source. */
    @Override
    public SocketBatch poll(int limit) {
        udpFirst = !udpFirst;
        SocketBatch first = (udpFirst ? udp : tcp).poll(limit);
        return first.records().isEmpty() ? (udpFirst ? tcp : udp).poll(limit) : first;
    }

    @Override
    public void preview(LiveSelection selection, Consumer<SocketRecord> consumer) {
        udp.preview(selection, consumer);
    }

    @Override
    public void readLive(LiveSelection selection, Consumer<SocketRecord> consumer) {
        tcp.readLive(selection, consumer);
        udp.readLive(selection, consumer);
    }

    /** Returns the statistics of TCP. Only the statistics of programs also include those of UDP. */
    @Override
    public SocketSourceStatistics statistics() {
        udpStatistics = udp.statistics();
        SocketSourceStatistics figures = tcp.statistics();
        Map<String, ProgramStatistics> programs = new HashMap<>(figures.programs());
        programs.putAll(udpStatistics.programs());
        return figures.withPrograms(programs);
    }

    DnsAnswerSource answers() {
        return answers;
    }

    /** Returns the statistics of UDP that the last call of {@link #statistics} has read. Any thread can call it. */
    SocketSourceStatistics udpStatistics() {
        return udpStatistics;
    }

    @Override
    public void close() {
        try {
            udp.close();
        } finally {
            tcp.close();
        }
    }
}
