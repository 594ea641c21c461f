package io.natator.bpf;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What a tracker tells of in its order: what other versions have left first, then what its own programs see. */
final class EventQueue implements AutoCloseable {
    private final EventReader own;
    private final List<OtherVersion> others = new ArrayList<>();
    private final AtomicLong discarded = new AtomicLong();

    /** @param own closed with this */
    EventQueue(EventReader own) {
        this.own = own;
    }

    /**
     * Detaches other versions, and has what they left read.
     *
     * @param pins closed with this, or once all was released
     */
    void takeOver(List<PinDirectory.Version> pins) {
        pins.forEach(version -> {
            OtherVersion other = new OtherVersion(version, discarded);
            others.add(other);
            other.takeOver();
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

    /** Records of other versions that could not be read. */
    long discarded() {
        return discarded.get();
    }

    @Override
    public void close() {
        others.forEach(OtherVersion::close);
        own.close();
    }
}
