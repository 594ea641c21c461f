package io.natator.topology.identity;

import io.natator.schemas.CidrBlock;
import io.natator.schemas.PodRanges;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds addresses in the ranges from which the nodes of a cluster give addresses to pods. Not thread-safe. */
final class PodRangeIndex {
    private @Nullable PodRanges indexed;
    /** The first addresses of the ranges, by the ranges' length in bits; IPv4 and IPv6 addresses never equal. */
    private Map<Integer, Set<ByteBuffer>> networks = Map.of();

    /** Replaces the ranges; null if none are known. */
    void update(@Nullable PodRanges ranges) {
        if (ranges == null ? indexed != null : !ranges.equals(indexed)) {
            indexed = ranges;
            networks = byLength(ranges == null ? List.of() : parsed(ranges));
        }
    }

    private static List<CidrBlock> parsed(PodRanges ranges) {
        List<CidrBlock> parsed = new ArrayList<>();
        try {
            ranges.getRanges().forEach(range -> parsed.add(CidrBlock.parse(range)));
        } catch (IllegalArgumentException e) {
            return List.of(); // no enricher writes such a range: the record is treated as unknown
        }
        return parsed;
    }

    private static Map<Integer, Set<ByteBuffer>> byLength(List<CidrBlock> ranges) {
        Map<Integer, Set<ByteBuffer>> byLength = new HashMap<>();
        for (CidrBlock range : ranges) {
            byLength.computeIfAbsent(range.prefixLength(), length -> new HashSet<>())
                    .add(range.network());
        }
        return byLength;
    }

    /** @param address 4 or 16 bytes in network order */
    boolean contains(ByteBuffer address) {
        int bits = Byte.SIZE * address.remaining();
        return networks.entrySet().stream()
                .anyMatch(range -> range.getKey() <= bits
                        && range.getValue()
                                .contains(CidrBlock.around(address, range.getKey())
                                        .network()));
    }
}
