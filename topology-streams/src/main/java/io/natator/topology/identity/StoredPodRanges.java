package io.natator.topology.identity;

import io.natator.schemas.AvroSerde;
import io.natator.schemas.CidrBlock;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.PodRanges;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** The ranges from which the nodes of a cluster give addresses to pods, from the global store. Not thread-safe. */
final class StoredPodRanges {
    private final ReadOnlyKeyValueStore<String, byte[]> store;
    private final AvroSerde<SpecificRecord> serde;
    private byte[] encoded = {};
    /** The first addresses of the ranges, by the ranges' length in bits; IPv4 and IPv6 addresses never equal. */
    private Map<Integer, Set<ByteBuffer>> networks = Map.of();

    StoredPodRanges(ReadOnlyKeyValueStore<String, byte[]> store, AvroSerde<SpecificRecord> serde) {
        this.store = store;
        this.serde = serde;
    }

    /** Reads the ranges again if they have changed. */
    void refresh() {
        byte[] stored = store.get(IdentityKeys.POD_RANGES);
        byte[] current = stored == null ? new byte[0] : stored;
        if (!Arrays.equals(current, encoded)) {
            encoded = current;
            networks = byLength(current.length == 0 ? List.of() : decoded(current));
        }
    }

    private List<CidrBlock> decoded(byte[] value) {
        List<CidrBlock> ranges = new ArrayList<>();
        try {
            if (serde.decode(value) instanceof PodRanges all) {
                all.getRanges().forEach(range -> ranges.add(CidrBlock.parse(range)));
            }
        } catch (SerializationException e) {
            // GlobalStoreProcessor has already counted and logged this value
        } catch (IllegalArgumentException e) {
            return List.of(); // no enricher writes such a range: the record is treated as unknown
        }
        return ranges;
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
