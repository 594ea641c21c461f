package io.natator.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.natator.bpf.ConnectionFilter.AddressBlock;
import io.natator.bpf.ConnectionFilter.Selection;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.BpfObject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.Map;
import java.util.function.Function;

/**
 * Writes a {@link ConnectionFilter} into the constants and maps of filter_rules.bpf.h. Constants and sizes of maps are
 * set before the object is loaded; the entries of the maps are added afterwards.
 */
final class FilterTables {
    private static final String NETWORKS = "networks";
    private static final String SELECTORS = "selectors";

    private static final int IPV6_BITS = 128;
    private static final int IPV6_BYTES = IPV6_BITS / Byte.SIZE;

    /** The values of {@code enum natator_selection} in record_layout.h. */
    private static final int SELECT_ALL = 0;

    private static final int SELECT_ALL_BUT = 1;
    private static final int SELECT_ONLY = 2;

    /** The values of {@code enum natator_verdict} in record_layout.h. */
    private static final int INCLUDE = 1;

    private static final int EXCLUDE = 2;

    /** The values of {@code enum natator_selector_kind} in record_layout.h. */
    private static final int PORT = 1;

    private static final int CGROUP = 2;
    private static final int NETWORK_NAMESPACE = 3;

    private FilterTables() {}

    static Map<String, Long> constants(ConnectionFilter filter) {
        return Map.of(
                "loopback_excluded", filter.loopback() ? 0L : 1L,
                "networks_selection", selection(filter.networks()),
                "ports_selection", selection(filter.serverPorts()),
                "cgroups_selection", selection(filter.cgroups()),
                "namespaces_selection", selection(filter.networkNamespaces()));
    }

    static Map<String, Integer> mapSizes(ConnectionFilter filter) {
        int selectors = size(filter.serverPorts()) + size(filter.cgroups()) + size(filter.networkNamespaces());
        return Map.of(NETWORKS, Math.max(1, size(filter.networks())), SELECTORS, Math.max(1, selectors));
    }

    static void fill(BpfObject object, ConnectionFilter filter) {
        try (Arena arena = Arena.ofConfined()) {
            put(object.map(NETWORKS), filter.networks(), block -> network(arena, block), arena);
            BpfMap selectors = object.map(SELECTORS);
            put(selectors, filter.serverPorts(), port -> selector(arena, PORT, port), arena);
            put(selectors, filter.cgroups(), id -> selector(arena, CGROUP, id), arena);
            put(selectors, filter.networkNamespaces(), inode -> selector(arena, NETWORK_NAMESPACE, inode), arena);
        }
    }

    private static long selection(Selection<?> of) {
        return !of.only().isEmpty() ? SELECT_ONLY : of.without().isEmpty() ? SELECT_ALL : SELECT_ALL_BUT;
    }

    private static int size(Selection<?> of) {
        return of.only().size() + of.without().size();
    }

    private static <T> void put(BpfMap map, Selection<T> from, Function<T, MemorySegment> key, Arena arena) {
        from.only().forEach(element -> map.put(key.apply(element), arena.allocateFrom(JAVA_INT, INCLUDE)));
        from.without().forEach(element -> map.put(key.apply(element), arena.allocateFrom(JAVA_INT, EXCLUDE)));
    }

    /** Encodes a block of addresses as {@code struct natator_network} of record_layout.h. */
    private static MemorySegment network(Arena arena, AddressBlock block) {
        byte[] address = mapped(block.address());
        MemorySegment key = arena.allocate(JAVA_INT.byteSize() + IPV6_BYTES, JAVA_INT.byteAlignment());
        int unmapped = Byte.SIZE * block.address().getAddress().length;
        key.set(JAVA_INT, 0, IPV6_BITS - unmapped + block.prefixLength());
        MemorySegment.copy(MemorySegment.ofArray(address), 0, key, JAVA_INT.byteSize(), IPV6_BYTES);
        return key;
    }

    private static byte[] mapped(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == IPV6_BYTES) {
            return bytes;
        }
        byte[] mapped = new byte[IPV6_BYTES];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(bytes, 0, mapped, IPV6_BYTES - bytes.length, bytes.length);
        return mapped;
    }

    /** Encodes a port, cgroup or network namespace as {@code struct natator_selector} of record_layout.h. */
    private static MemorySegment selector(Arena arena, int kind, long value) {
        MemorySegment key = arena.allocate(2 * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
        key.set(JAVA_LONG, 0, value);
        key.set(JAVA_INT, JAVA_LONG.byteSize(), kind);
        return key;
    }
}
