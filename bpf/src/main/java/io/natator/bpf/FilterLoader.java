package io.natator.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.natator.bpf.ConnectionFilter.AddressBlock;
import io.natator.bpf.ConnectionFilter.Selection;
import io.natator.bpf.libbpf.BpfMap;
import io.natator.bpf.libbpf.BpfObject;
import io.natator.bpf.libbpf.BpfSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.util.function.Function;

/** Hands a {@link ConnectionFilter} to the kernel side: which parts there are before it is loaded, their contents after. */
final class FilterLoader {
    /** {@code struct natator_network}, {@code struct natator_selector}, {@code enum natator_selection} and its kind. */
    private static final int IPV6_BITS = 128;

    private static final int IPV6_BYTES = IPV6_BITS / Byte.SIZE;
    private static final int SELECT_WITHOUT = 1;
    private static final int SELECT_ONLY = 2;
    private static final int IN = 1;
    private static final int OUT = 2;
    private static final int PORT = 1;
    private static final int CGROUP = 2;
    private static final int NETWORK_NAMESPACE = 3;

    private FilterLoader() {}

    static void prepare(BpfSpec spec, ConnectionFilter filter) {
        spec.constant("loopback_left_out", filter.loopback() ? 0 : 1);
        spec.constant("networks_selection", selection(filter.networks()));
        spec.constant("ports_selection", selection(filter.serverPorts()));
        spec.constant("cgroups_selection", selection(filter.cgroups()));
        spec.constant("namespaces_selection", selection(filter.networkNamespaces()));
        spec.maxEntries("networks", Math.max(1, size(filter.networks())));
        spec.maxEntries(
                "selectors",
                Math.max(1, size(filter.serverPorts()) + size(filter.cgroups()) + size(filter.networkNamespaces())));
    }

    static void fill(BpfObject object, ConnectionFilter filter) {
        try (Arena arena = Arena.ofConfined()) {
            put(object.map("networks"), filter.networks(), block -> network(arena, block), arena);
            BpfMap selectors = object.map("selectors");
            put(selectors, filter.serverPorts(), port -> selector(arena, PORT, port), arena);
            put(selectors, filter.cgroups(), id -> selector(arena, CGROUP, id), arena);
            put(selectors, filter.networkNamespaces(), inode -> selector(arena, NETWORK_NAMESPACE, inode), arena);
        }
    }

    private static int selection(Selection<?> of) {
        return !of.only().isEmpty() ? SELECT_ONLY : of.without().isEmpty() ? 0 : SELECT_WITHOUT;
    }

    private static int size(Selection<?> of) {
        return of.only().size() + of.without().size();
    }

    private static <T> void put(BpfMap map, Selection<T> from, Function<T, MemorySegment> key, Arena arena) {
        from.only().forEach(element -> map.put(key.apply(element), arena.allocateFrom(JAVA_INT, IN)));
        from.without().forEach(element -> map.put(key.apply(element), arena.allocateFrom(JAVA_INT, OUT)));
    }

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

    private static MemorySegment selector(Arena arena, int kind, long value) {
        MemorySegment key = arena.allocate(2 * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
        key.set(JAVA_LONG, 0, value);
        key.set(JAVA_INT, JAVA_LONG.byteSize(), kind);
        return key;
    }
}
