package io.natator.bpf;

import io.natator.bpf.SocketRecord.Event;
import io.natator.bpf.traffic.TrafficResult;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Collects the records of some network namespaces, so that a test can compare the records with what the applications
 * counted.
 */
final class Observation {
    private record End(
            long networkNamespace,
            InetAddress localAddress,
            int localPort,
            InetAddress remoteAddress,
            int remotePort) {}

    private final Set<Long> networkNamespaces;
    private final List<SocketRecord> records = new ArrayList<>();
    private final Map<End, SocketRecord> closes = new HashMap<>();

    Observation(Set<Long> networkNamespaces) {
        this.networkNamespaces = networkNamespaces;
    }

    /** Reads and releases all records that are available now. */
    void drain(SocketSource source) {
        SocketBatch batch = source.poll(10_000);
        while (!batch.records().isEmpty()) {
            batch.records().forEach(this::add);
            batch.release();
            batch = source.poll(10_000);
        }
    }

    void add(SocketRecord record) {
        if (networkNamespaces.contains(record.connection().networkNamespace())) {
            records.add(record);
            if (record.event() == Event.CLOSED) {
                closes.put(end(record), record);
            }
        }
    }

    List<SocketRecord> records() {
        return records;
    }

    Stream<SocketRecord> records(Event event) {
        return records.stream().filter(record -> record.event() == event);
    }

    Optional<SocketRecord> close(TrafficResult result, long networkNamespace) {
        return Optional.ofNullable(closes.get(end(result, networkNamespace)));
    }

    /** Returns the records of the open connections in these namespaces. */
    static Optional<SocketRecord> live(SocketSource source, TrafficResult result, long networkNamespace) {
        List<SocketRecord> found = new ArrayList<>();
        End wanted = end(result, networkNamespace);
        source.readLive(record -> {
            if (end(record).equals(wanted)) {
                found.add(record);
            }
        });
        return found.stream().findFirst();
    }

    private static End end(SocketRecord record) {
        return new End(
                record.connection().networkNamespace(),
                record.connection().local().address(),
                record.connection().local().port(),
                record.connection().remote().address(),
                record.connection().remote().port());
    }

    private static End end(TrafficResult result, long networkNamespace) {
        return new End(
                networkNamespace,
                result.local().address(),
                result.local().port(),
                result.remote().address(),
                result.remote().port());
    }
}
