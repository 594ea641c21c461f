package io.natator.bpf;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The records of a tracker, in the order in which they are polled: first the records that other versions of the kernel
 * side have left in their pinned maps, then the records of the tracker's own programs.
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
     * Detaches the programs of other versions. The next polls return the records that these programs have left.
     *
     * @param pins the pins of the other versions. Each is closed when all its records are released, at the latest with
     *     this queue
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

    /** Returns the number of records of other versions that could not be read. */
    long discarded() {
        return discarded.get();
    }

    @Override
    public void close() {
        others.forEach(OtherVersion::close);
        own.close();
    }
}
