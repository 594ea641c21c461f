package io.natator.bpf;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The events of a tracker, in the order in which they are polled: first the records that other versions have left, then
 * the records of the tracker's own programs.
 */
final class EventQueue implements AutoCloseable {
    private final EventReader own;
    private final List<OtherVersion> others = new ArrayList<>();
    private final AtomicLong discarded = new AtomicLong();

    /** @param own reads the records of the tracker's own programs; closed with this queue */
    EventQueue(EventReader own) {
        this.own = own;
    }

    /**
     * Detaches the programs of other versions. Their records are polled first.
     *
     * @param pins closed when all their records are released, at the latest with this queue
     */
    void drainOthers(List<PinDirectory.Version> pins) {
        pins.forEach(version -> {
            OtherVersion other = new OtherVersion(version, discarded);
            others.add(other);
            other.detach();
        });
    }

    SocketBatch poll(int limit) {
        for (OtherVersion other : others) {
            SocketBatch left = other.poll(limit);
            if (!left.records().isEmpty()) {
                return left;
            }
        }
        others.removeIf(OtherVersion::isDone);
        return own.poll(limit);
    }

    /** Number of records of other versions that could not be read. */
    long discarded() {
        return discarded.get();
    }

    @Override
    public void close() {
        others.forEach(OtherVersion::close);
        own.close();
    }
}
