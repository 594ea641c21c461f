package io.natator.topology.sse;

import io.natator.schemas.Hashes;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.NatatorSerdes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares the records of the topic {@code links} with earlier records, and decides which links are added, changed or
 * retired (removed). Several records of a link between two calls of {@link #drainChanges} are one change. Needs about
 * 100 bytes of memory for each link. Must be used by one thread.
 */
final class LinkChangeDetector {
    /**
     * The known links. A key is the hash of a link's key, and the value is the hash of the link's totals. The hashes
     * have 64 bits, so even among a million links a collision is practically impossible.
     */
    private final Map<Long, Long> known = new HashMap<>();

    private final Map<Long, Latest> pending = new LinkedHashMap<>();

    private record Latest(LinkKey key, @Nullable LinkTotals totals) {}

    enum Kind {
        ADDED,
        CHANGED,
        RETIRED
    }

    /**
     * A link that was added, changed or retired.
     *
     * @param totals null if the link is retired
     */
    record Change(Kind kind, LinkKey key, @Nullable LinkTotals totals) {}

    /**
     * Adds a record of the topic. Its change is returned by the next call of {@link #drainChanges}.
     *
     * @param totals null for a tombstone
     */
    void onRecord(LinkKey key, @Nullable LinkTotals totals) {
        pending.put(hash(bytes(key)), new Latest(key, totals));
    }

    /** Marks all links that were added so far as known, so that they are not returned as changes. */
    void markAllKnown() {
        var _ = drainChanges();
    }

    /** Returns the changes since the last call. */
    List<Change> drainChanges() {
        List<Change> changes = new ArrayList<>();
        pending.forEach((key, latest) -> {
            LinkTotals totals = latest.totals();
            if (totals == null) {
                if (known.remove(key) != null) {
                    changes.add(new Change(Kind.RETIRED, latest.key(), null));
                }
                return;
            }
            long hash = hash(bytes(totals));
            @Nullable Long before = known.put(key, hash);
            // Equal totals are no change: after a start the topology publishes all links again, changed or not.
            if (before == null || before != hash) {
                changes.add(new Change(before == null ? Kind.ADDED : Kind.CHANGED, latest.key(), totals));
            }
        });
        pending.clear();
        return changes;
    }

    int size() {
        return known.size();
    }

    private static byte[] bytes(LinkKey key) {
        return NatatorSerdes.linkKey().encode(key);
    }

    private static byte[] bytes(LinkTotals totals) {
        return NatatorSerdes.linkTotals().encode(totals);
    }

    private static long hash(byte[] bytes) {
        return Hashes.mix(Hashes.fnv1a64(Hashes.FNV1A_64, bytes));
    }
}
