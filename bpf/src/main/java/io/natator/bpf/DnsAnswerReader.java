package io.natator.bpf;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.natator.bpf.libbpf.BpfMap;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.function.Consumer;

/** Reads DNS answers from their ring buffer. */
final class DnsAnswerReader implements AutoCloseable {
    /** Size of the ring buffer in bytes. It has space for about 200 answers between two polls. */
    static final int RING_BYTES = 1 << 18;

    /** Maximum number of bytes copied of an answer: {@code NATATOR_ANSWER_BYTES} of udp_record_layout.h. */
    private static final int PAYLOAD_BYTES = 1232;

    /** The layout of {@code struct natator_answer} of udp_record_layout.h. */
    static final StructLayout ANSWER = MemoryLayout.structLayout(
                    JAVA_LONG.withName("observed_nanos"),
                    JAVA_INT.withName("length"),
                    JAVA_INT.withName("copied"),
                    MemoryLayout.sequenceLayout(PAYLOAD_BYTES, JAVA_BYTE).withName("payload"))
            .withName("natator_answer");

    private static final StructField OBSERVED = StructField.of(ANSWER, "observed_nanos");
    private static final StructField LENGTH = StructField.of(ANSWER, "length");
    private static final StructField COPIED = StructField.of(ANSWER, "copied");
    private static final long PAYLOAD = ANSWER.byteOffset(PathElement.groupElement("payload"));

    private final RingBuffer ring;
    private final BpfMap statistics;

    DnsAnswerReader(BpfMap answers, BpfMap statistics) {
        ring = new RingBuffer(answers);
        this.statistics = statistics;
    }

    int poll(int limit, Consumer<DnsAnswer> consumer) {
        int count = ring.read(limit, record -> consumer.accept(answer(record)));
        ring.release(ring.position());
        return count;
    }

    private static DnsAnswer answer(MemorySegment record) {
        int copied = (int) Math.min(COPIED.unsignedInt(record), PAYLOAD_BYTES);
        return new DnsAnswer(
                OBSERVED.longValue(record),
                (int) LENGTH.unsignedInt(record),
                record.asSlice(PAYLOAD, copied).toArray(JAVA_BYTE));
    }

    DnsAnswerSource.Statistics statistics() {
        return new DnsAnswerSource.Statistics(
                statistics.sumPerCpu(0), statistics.sumPerCpu(1), statistics.sumPerCpu(2));
    }

    @Override
    public void close() {
        ring.close();
    }
}
