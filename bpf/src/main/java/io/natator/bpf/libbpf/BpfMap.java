package io.natator.bpf.libbpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/**
 * A map in the kernel. One of a {@link BpfObject} is open as long as that is, and closing it does nothing; one that was
 * made or opened by itself is closed by who did. Thread-safe as long as it is open; after that every method that needs
 * the map throws an {@link IllegalStateException}, since the number of its descriptor may be another file's by then.
 */
public final class BpfMap implements AutoCloseable {
    private static final int ARRAY = 2;
    /** bpf_map_info up to and with max_entries: type, id, key_size, value_size, max_entries. */
    private static final long MAP_INFORMATION_BYTES = 24;

    private static final int NO_SPACE = 28;
    private static final int NO_ENTRY = 2;
    private static final int FIRST_BATCH = 4096;

    private final Libbpf libbpf;
    private final String name;
    private final int descriptor;
    private final int keySize;
    private final int valueSize;
    private final int maxEntries;
    /** Whether the owner of the descriptor, if that is not this map, has it open. */
    private final BooleanSupplier ownerOpen;

    private final boolean ownsDescriptor;
    private volatile boolean closed;

    /**
     * A map of an object.
     *
     * @param ownerOpen whether the object, which closes the descriptor, is open
     */
    BpfMap(
            Libbpf libbpf,
            String name,
            int descriptor,
            int keySize,
            int valueSize,
            int maxEntries,
            BooleanSupplier ownerOpen) {
        this(libbpf, name, descriptor, keySize, valueSize, maxEntries, ownerOpen, false);
    }

    private BpfMap(Libbpf libbpf, String name, int descriptor, int keySize, int valueSize, int maxEntries) {
        this(libbpf, name, descriptor, keySize, valueSize, maxEntries, () -> true, true);
    }

    private BpfMap(
            Libbpf libbpf,
            String name,
            int descriptor,
            int keySize,
            int valueSize,
            int maxEntries,
            BooleanSupplier ownerOpen,
            boolean ownsDescriptor) {
        this.libbpf = libbpf;
        this.name = name;
        this.descriptor = descriptor;
        this.keySize = keySize;
        this.valueSize = valueSize;
        this.maxEntries = maxEntries;
        this.ownerOpen = ownerOpen;
        this.ownsDescriptor = ownsDescriptor;
    }

    /** A map that is pinned, whoever made it. */
    public static BpfMap openPinned(Path path) {
        Libbpf libbpf = Libbpf.library();
        int descriptor = libbpf.pinned(path.toString());
        if (descriptor < 0) {
            throw BpfException.ofErrno("pinned map " + path + " not opened", descriptor);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment information = arena.allocate(MAP_INFORMATION_BYTES, Long.BYTES);
            int result = libbpf.information(descriptor, information);
            if (result != 0) {
                SystemCalls.close(descriptor);
                throw BpfException.ofErrno("pinned map " + path + " not described", result);
            }
            return new BpfMap(
                    libbpf,
                    String.valueOf(path.getFileName()),
                    descriptor,
                    information.get(JAVA_INT, 8),
                    information.get(JAVA_INT, 12),
                    information.get(JAVA_INT, 16));
        }
    }

    /** A new array of one value, which it holds. */
    public static BpfMap ofValue(String name, byte[] value) {
        Libbpf libbpf = Libbpf.library();
        int descriptor = libbpf.createMap(ARRAY, name, Integer.BYTES, value.length, 1);
        if (descriptor < 0) {
            throw BpfException.ofErrno("map " + name + " not created", descriptor);
        }
        BpfMap map = new BpfMap(libbpf, name, descriptor, Integer.BYTES, value.length, 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment content = arena.allocate(value.length, Long.BYTES).copyFrom(MemorySegment.ofArray(value));
            int result = libbpf.update(descriptor, arena.allocateFrom(JAVA_INT, 0), content);
            if (result != 0) {
                map.close();
                throw BpfException.ofErrno("map " + name + " not filled", result);
            }
        }
        return map;
    }

    /** The first value of an array. */
    public byte[] firstValue() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(valueSize, Long.BYTES);
            int result = libbpf.lookup(descriptor(), arena.allocateFrom(JAVA_INT, 0), value);
            if (result != 0) {
                throw BpfException.ofErrno("map " + name + " not read", result);
            }
            return value.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Its file descriptor, open as long as the map is. */
    public int descriptor() {
        if (closed || !ownerOpen.getAsBoolean()) {
            throw new IllegalStateException("map " + name + " is closed");
        }
        return descriptor;
    }

    /** How many entries it holds at most; of a ring buffer, its bytes. */
    public int maxEntries() {
        return maxEntries;
    }

    /** Keeps the map beyond this process, under a name without dots in a BPF file system. */
    public void pin(Path path) {
        int result = libbpf.pin(descriptor(), path.toString());
        if (result != 0) {
            throw BpfException.ofErrno("map " + name + " not pinned at " + path, result);
        }
    }

    /** Sets an entry's value. */
    public void put(MemorySegment key, MemorySegment value) {
        int result = libbpf.update(descriptor(), key, value);
        if (result != 0) {
            throw BpfException.ofErrno("entry of map " + name + " not set", result);
        }
    }

    /** Removes an entry, if there is one. */
    public void delete(MemorySegment key) {
        int result = libbpf.delete(descriptor(), key);
        if (result != 0 && result != -NO_ENTRY) {
            throw BpfException.ofErrno("entry of map " + name + " not deleted", result);
        }
    }

    /** Sum over all CPUs of one slot of a per-CPU array of 64-bit values. */
    public long sumPerCpu(int slot) {
        try (Arena arena = Arena.ofConfined()) {
            int cpus = libbpf.possibleCpus();
            MemorySegment values = arena.allocate(JAVA_LONG, cpus);
            int result = libbpf.lookup(descriptor(), arena.allocateFrom(JAVA_INT, slot), values);
            if (result != 0) {
                throw BpfException.ofErrno("slot " + slot + " of map " + name + " not read", result);
            }
            long sum = 0;
            for (int cpu = 0; cpu < cpus; cpu++) {
                sum += values.getAtIndex(JAVA_LONG, cpu);
            }
            return sum;
        }
    }

    /** How many entries a hash map has now, counted with few system calls; those that come or go meanwhile may be missed. */
    public long entries() {
        long[] count = new long[1];
        forEach((key, value) -> count[0]++);
        return count[0];
    }

    /**
     * Reads every entry of a hash map with few system calls. Entries that come or go meanwhile may be seen or not; none is
     * seen twice unless it was deleted and came again. The segments are valid during the call alone.
     */
    public void forEach(BiConsumer<MemorySegment, MemorySegment> consumer) {
        int capacity = Math.min(maxEntries, FIRST_BATCH);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = MemorySegment.NULL;
            MemorySegment next = arena.allocate(JAVA_LONG, 2);
            MemorySegment token = arena.allocate(JAVA_LONG, 2);
            MemorySegment count = arena.allocate(JAVA_INT);
            MemorySegment keys = arena.allocate((long) capacity * keySize, Long.BYTES);
            MemorySegment values = arena.allocate((long) capacity * valueSize, Long.BYTES);
            while (true) {
                count.set(JAVA_INT, 0, capacity);
                int result = libbpf.lookupBatch(descriptor(), from, next, keys, values, count);
                if (result == -NO_SPACE) {
                    // One bucket has more entries than there was room for.
                    capacity = Math.multiplyExact(capacity, 2);
                    keys = arena.allocate((long) capacity * keySize, Long.BYTES);
                    values = arena.allocate((long) capacity * valueSize, Long.BYTES);
                    continue;
                }
                if (result != 0 && result != -NO_ENTRY) {
                    throw BpfException.ofErrno("entries of map " + name + " not read", result);
                }
                int read = count.get(JAVA_INT, 0);
                for (int index = 0; index < read; index++) {
                    consumer.accept(
                            keys.asSlice((long) index * keySize, keySize),
                            values.asSlice((long) index * valueSize, valueSize));
                }
                if (result == -NO_ENTRY) {
                    return;
                }
                token.copyFrom(next);
                from = token;
            }
        }
    }

    @Override
    public void close() {
        if (ownsDescriptor && !closed) {
            closed = true;
            SystemCalls.close(descriptor);
        }
    }
}
