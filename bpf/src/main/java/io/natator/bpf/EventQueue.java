package io.natator.bpf;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The events of a tracker, in the order of reading: first the records that other versions left, then those of its own
 * programs.
 */
final class EventQueue implements AutoCloseable {
    private final EventReader own;
    private final List<OtherVersion> others = new ArrayList<>();
    private final AtomicLong discarded = new AtomicLong();

    /** @param own closed with this */
    EventQueue(EventReader own) {
        this.own = own;
    }

    /**
     * Detaches other versions; their records are polled first.
     *
     * @param pins closed with this, or when all their records are released
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

    /** How many records of other versions could not be read. */
    long discarded() {
        return discarded.get();
    }

    @Override
    public void close() {
        others.forEach(OtherVersion::close);
        own.close();
    }
}
