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
 * A map in the kernel. A map of a {@link BpfObject} is closed with its object; {@link #close} does nothing for it. A
 * map from {@link #openPinned} or {@link #ofValue} must be closed by the caller. Thread-safe until it is closed. After
 * that, methods that need the kernel's map throw an {@link IllegalStateException}, because another file can already
 * have the number of its file descriptor.
 */
public final class BpfMap implements AutoCloseable {
    private static final int ARRAY = 2;
    /** Size in bytes of bpf_map_info up to its member max_entries: type, id, key_size, value_size, max_entries. */
    private static final long MAP_INFORMATION_BYTES = 24;

    private static final int NO_SPACE = 28;
    private static final int NO_ENTRY = 2;
    private static final int FIRST_BATCH = 4096;

    private final Libbpf libbpf;
    private final String name;
    private final int descriptor;
    private final Shape shape;
    private final Owner owner;
    private volatile boolean closed;

    /** The sizes in bytes of a key and a value of a map, and the map's maximum number of entries. */
    record Shape(int keySize, int valueSize, int maxEntries) {}

    /**
     * Says who closes the file descriptor of a map.
     *
     * @param isMap whether the map itself closes it; otherwise its object does
     * @param open returns whether the owner of the descriptor is open
     */
    private record Owner(boolean isMap, BooleanSupplier open) {
        static final Owner MAP = new Owner(true, () -> true);
    }

    /**
     * Creates the Java side of a map that belongs to an object.
     *
     * @param objectOpen returns whether the object is open; the object closes the descriptor
     */
    BpfMap(Libbpf libbpf, String name, int descriptor, Shape shape, BooleanSupplier objectOpen) {
        this(libbpf, name, descriptor, shape, new Owner(false, objectOpen));
    }

    private BpfMap(Libbpf libbpf, String name, int descriptor, Shape shape, Owner owner) {
        this.libbpf = libbpf;
        this.name = name;
        this.descriptor = descriptor;
        this.shape = shape;
        this.owner = owner;
    }

    /** Opens a pinned map. The caller must close it. */
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
                    new Shape(
                            information.get(JAVA_INT, 8), information.get(JAVA_INT, 12), information.get(JAVA_INT, 16)),
                    Owner.MAP);
        }
    }

    /** Creates an array map in the kernel that has one element. */
    public static BpfMap ofValue(String name, byte[] value) {
        Libbpf libbpf = Libbpf.library();
        int descriptor = libbpf.createMap(ARRAY, name, Integer.BYTES, value.length, 1);
        if (descriptor < 0) {
            throw BpfException.ofErrno("map " + name + " not created", descriptor);
        }
        BpfMap map = new BpfMap(libbpf, name, descriptor, new Shape(Integer.BYTES, value.length, 1), Owner.MAP);
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

    /** Returns the first element of an array map. */
    public byte[] firstValue() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(shape.valueSize(), Long.BYTES);
            int result = libbpf.lookup(descriptor(), arena.allocateFrom(JAVA_INT, 0), value);
            if (result != 0) {
                throw BpfException.ofErrno("map " + name + " not read", result);
            }
            return value.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Returns the file descriptor of the map. It is valid until the map is closed. */
    public int descriptor() {
        if (closed || !owner.open().getAsBoolean()) {
            throw new IllegalStateException("map " + name + " is closed");
        }
        return descriptor;
    }

    /** Returns the maximum number of entries; for a ring buffer, its size in bytes. */
    public int maxEntries() {
        return shape.maxEntries();
    }

    /**
     * Pins the map, so that it outlives this process.
     *
     * @param path a new file in a BPF file system; its name must not contain a dot
     */
    public void pin(Path path) {
        int result = libbpf.pin(descriptor(), path.toString());
        if (result != 0) {
            throw BpfException.ofErrno("map " + name + " not pinned at " + path, result);
        }
    }

    /** Sets the value of an entry. Creates the entry if it does not exist. */
    public void put(MemorySegment key, MemorySegment value) {
        int result = libbpf.update(descriptor(), key, value);
        if (result != 0) {
            throw BpfException.ofErrno("entry of map " + name + " not set", result);
        }
    }

    /** Deletes an entry if it exists. */
    public void delete(MemorySegment key) {
        int result = libbpf.delete(descriptor(), key);
        if (result != 0 && result != -NO_ENTRY) {
            throw BpfException.ofErrno("entry of map " + name + " not deleted", result);
        }
    }

    /** Returns an element of a per-CPU array of 64-bit values: the sum of its values on all CPUs. */
    public long sumPerCpu(int index) {
        try (Arena arena = Arena.ofConfined()) {
            int cpus = libbpf.possibleCpus();
            MemorySegment values = arena.allocate(JAVA_LONG, cpus);
            int result = libbpf.lookup(descriptor(), arena.allocateFrom(JAVA_INT, index), values);
            if (result != 0) {
                throw BpfException.ofErrno("element " + index + " of map " + name + " not read", result);
            }
            long sum = 0;
            for (int cpu = 0; cpu < cpus; cpu++) {
                sum += values.getAtIndex(JAVA_LONG, cpu);
            }
            return sum;
        }
    }

    /** Counts the entries of a hash map. It can miss entries that are added or deleted during the call. */
    public long entries() {
        long[] count = new long[1];
        forEach((key, value) -> count[0]++);
        return count[0];
    }

    /**
     * Reads every entry of a hash map, many per system call, and passes key and value to the consumer. It can miss
     * entries that are added or deleted during the call. An entry is passed twice only if it was deleted and added
     * again. The segments are valid only during the consumer's call.
     */
    public void forEach(BiConsumer<MemorySegment, MemorySegment> consumer) {
        int capacity = Math.min(shape.maxEntries(), FIRST_BATCH);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = MemorySegment.NULL;
            MemorySegment next = arena.allocate(JAVA_LONG, 2);
            MemorySegment token = arena.allocate(JAVA_LONG, 2);
            MemorySegment count = arena.allocate(JAVA_INT);
            MemorySegment keys = arena.allocate((long) capacity * shape.keySize(), Long.BYTES);
            MemorySegment values = arena.allocate((long) capacity * shape.valueSize(), Long.BYTES);
            while (true) {
                count.set(JAVA_INT, 0, capacity);
                int result = libbpf.lookupBatch(descriptor(), from, next, keys, values, count);
                if (result == -NO_SPACE) {
                    // The buffer is enlarged if one bucket of the map has more entries than the buffer has space for.
                    capacity = Math.multiplyExact(capacity, 2);
                    keys = arena.allocate((long) capacity * shape.keySize(), Long.BYTES);
                    values = arena.allocate((long) capacity * shape.valueSize(), Long.BYTES);
                    continue;
                }
                if (result != 0 && result != -NO_ENTRY) {
                    throw BpfException.ofErrno("entries of map " + name + " not read", result);
                }
                int read = count.get(JAVA_INT, 0);
                for (int index = 0; index < read; index++) {
                    consumer.accept(
                            keys.asSlice((long) index * shape.keySize(), shape.keySize()),
                            values.asSlice((long) index * shape.valueSize(), shape.valueSize()));
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
        if (owner.isMap() && !closed) {
            closed = true;
            SystemCalls.close(descriptor);
        }
    }
}
