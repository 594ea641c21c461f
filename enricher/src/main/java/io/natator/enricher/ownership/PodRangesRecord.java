package io.natator.enricher.ownership;

import io.natator.schemas.CidrBlock;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.PodRanges;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The ranges from which nodes give addresses to pods. One record contains those of all nodes, so that a reader finds the
 * range of an address without a search through all nodes. Not thread-safe.
 */
final class PodRangesRecord {
    /** Maximum number of ranges in the record. The nodes of a cluster usually share few ranges, which are combined. */
    static final int MAX_RANGES = 4096;

    private final Map<String, Set<CidrBlock>> byNode = new HashMap<>();
    /** The ranges that an earlier run published; empty once all nodes were reported. */
    private List<CidrBlock> restored = List.of();

    private List<CidrBlock> folded = List.of();
    private List<String> written = List.of();
    private boolean changed;

    void restore(PodRanges ranges) {
        written = List.copyOf(ranges.getRanges());
        List<CidrBlock> parsed = new ArrayList<>();
        for (String range : written) {
            try {
                parsed.add(CidrBlock.parse(range));
            } catch (IllegalArgumentException e) {
                changed = true; // the record is written again without this range
            }
        }
        restored = List.copyOf(parsed);
        folded = restored;
    }

    /** @param ranges empty if the node was deleted */
    void onNode(String uid, Set<CidrBlock> ranges) {
        Set<CidrBlock> before = ranges.isEmpty() ? byNode.remove(uid) : byNode.put(uid, ranges);
        changed |= !ranges.equals(before == null ? Set.of() : before);
    }

    /** Every existing node was reported, so the ranges of an earlier run are no longer needed. */
    void onListed() {
        changed |= !restored.isEmpty();
        restored = List.of();
    }

    /** Returns the record if it has changed since it was last returned. */
    Optional<RecordUpdate> drain() {
        if (!changed) {
            return Optional.empty();
        }
        changed = false;
        Set<CidrBlock> all = new HashSet<>(restored);
        byNode.values().forEach(all::addAll);
        folded = CidrBlock.combined(all);
        List<String> ranges =
                folded.stream().limit(MAX_RANGES).map(CidrBlock::toString).toList();
        if (ranges.equals(written)) {
            return Optional.empty();
        }
        written = ranges;
        return Optional.of(new RecordUpdate(IdentityKeys.POD_RANGES, ranges.isEmpty() ? null : new PodRanges(ranges)));
    }

    /** The number of combined ranges, including those above the limit. */
    int size() {
        return folded.size();
    }
}
