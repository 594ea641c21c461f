package io.natator.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.natator.bpf.libbpf.BpfIterator;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.SystemCalls;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.util.function.Consumer;

/** Reads the UDP flows that have not ended. Before that, runs the iterator program that ends idle flows. */
final class FlowReader implements AutoCloseable {
    /** The layout of {@code struct natator_flow_key} of udp_record_layout.h. */
    static final StructLayout KEY = MemoryLayout.structLayout(
                    JAVA_LONG.withName("cookie"),
                    RecordLayout.ADDRESS.withName("local_address"),
                    RecordLayout.ADDRESS.withName("remote_address"),
                    java.lang.foreign.ValueLayout.JAVA_SHORT.withName("local_port"),
                    java.lang.foreign.ValueLayout.JAVA_SHORT.withName("remote_port"),
                    JAVA_INT.withName("reserved"))
            .withName("natator_flow_key");

    /** The layout of {@code struct natator_flow} of udp_record_layout.h. It begins with a {@code natator_record}. */
    static final StructLayout FLOW = MemoryLayout.structLayout(
                    RecordLayout.RECORD.withName("record"), JAVA_INT.withName("lock"), JAVA_INT.withName("ended"))
            .withName("natator_flow");

    private static final StructField ENDED = new StructField(FLOW.byteOffset(PathElement.groupElement("ended")));

    private final BpfIterator endIdle;
    private final BpfMap flows;
    private long live;

    FlowReader(BpfIterator endIdle, BpfMap flows) {
        this.endIdle = endIdle;
        this.flows = flows;
    }

    /** Ends idle flows, and reads the others. */
    void read(SocketSource.LiveSelection selection, Consumer<SocketRecord> consumer) {
        endIdle.run();
        preview(selection, consumer);
    }

    /** Reads the flows that have not ended, and ends none. */
    void preview(SocketSource.LiveSelection selection, Consumer<SocketRecord> consumer) {
        long now = SystemCalls.bootNanos();
        long[] count = {0};
        flows.forEach((key, flow) -> {
            if (ENDED.unsignedInt(flow) != 0) {
                return;
            }
            count[0]++;
            if (RecordLayout.isWanted(flow, selection)) {
                RecordLayout.observe(flow, now);
                consumer.accept(RecordLayout.socket(flow));
            }
        });
        live = count[0];
    }

    /** Returns the number of flows that had not ended at the last reading. */
    long live() {
        return live;
    }

    @Override
    public void close() {
        endIdle.close();
    }
}
