package io.natator.topology.events;

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
 * Tells from the records of the topic of links which links are new, which have changed and which are retired. Several
 * records of a link between two looks are one change. Of each link that there is it keeps two hashes: about 100 bytes.
 * One thread.
 */
final class LinkChanges {
    /** Hash of the key to hash of the totals; 64 bits, so that among a million links no two are alike. */
    private final Map<Long, Long> known = new HashMap<>();

    private final Map<Long, Latest> pending = new LinkedHashMap<>();

    private record Latest(LinkKey key, @Nullable LinkTotals totals) {}

    enum Kind {
        ADDED,
        CHANGED,
        RETIRED
    }

    /**
     * A change.
     *
     * @param totals null if it is retired
     */
    record Change(Kind kind, LinkKey key, @Nullable LinkTotals totals) {}

    /**
     * A record.
     *
     * @param totals null for a tombstone
     */
    void hear(LinkKey key, @Nullable LinkTotals totals) {
        pending.put(hash(bytes(key)), new Latest(key, totals));
    }

    /** Takes what has been heard since the last look for known: nobody is told. */
    void learn() {
        var _ = take();
    }

    /** What has changed since the last look. */
    List<Change> take() {
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
            if (before == null || before != hash) { // after a start all of them are published again
                changes.add(new Change(before == null ? Kind.ADDED : Kind.CHANGED, latest.key(), totals));
            }
        });
        pending.clear();
        return changes;
    }

    /** How many links there are. */
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
