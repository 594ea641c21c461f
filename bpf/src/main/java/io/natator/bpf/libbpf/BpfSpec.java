package io.natator.bpf.libbpf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * A parsed BPF object that is not in the kernel yet. Sizes of its maps and its constants can still be set. After
 * {@link #load} it cannot be used any more; a spec that is not loaded must be closed. Not thread-safe.
 */
public final class BpfSpec implements AutoCloseable {
    /** The layout of struct bpf_object_open_opts of libbpf 1.0: sz, object_name, and members that stay 0. */
    private static final MemoryLayout OPEN_OPTIONS = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, MemoryLayout.sequenceLayout(8, ValueLayout.JAVA_LONG));

    private static final String CONSTANTS = ".rodata";

    private final Libbpf libbpf;
    private final MemorySegment object;
    private final String name;
    private boolean used;

    private BpfSpec(Libbpf libbpf, MemorySegment object, String name) {
        this.libbpf = libbpf;
        this.object = object;
        this.name = name;
    }

    /**
     * Loads the library libbpf and finds its functions.
     *
     * @throws BpfException if libbpf is missing or too old; the message names what to install
     */
    public static void requireLibrary() {
        Libbpf ignored = Libbpf.library();
    }

    /**
     * Parses an ELF object.
     *
     * @param name the object's name, which bpftool shows
     * @param elf the contents of the ELF file
     * @throws BpfException if {@code elf} is not a BPF object, or if libbpf is missing or too old
     */
    public static BpfSpec open(String name, byte[] elf) {
        Libbpf libbpf = Libbpf.library();
        // The buffer is needed only during the call: bpf_object_open() copies what it needs later.
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(elf.length, Long.BYTES).copyFrom(MemorySegment.ofArray(elf));
            MemorySegment options = arena.allocate(OPEN_OPTIONS);
            options.set(ValueLayout.JAVA_LONG, 0, OPEN_OPTIONS.byteSize());
            options.set(ValueLayout.ADDRESS, Long.BYTES, arena.allocateFrom(name));
            return new BpfSpec(libbpf, LibbpfLog.capturing(() -> libbpf.openMemory(copy, options)), name);
        }
    }

    /** Sets the maximum number of entries of a map; for a ring buffer, its size in bytes. */
    public void maxEntries(String map, int entries) {
        int result = libbpf.setMaxEntries(find(map), entries);
        if (result != 0) {
            throw BpfException.ofErrno("size of map " + map + " not set", result);
        }
    }

    /** Returns the maximum number of entries of a map; for a ring buffer, its size in bytes. */
    public int maxEntries(String map) {
        return libbpf.maxEntries(find(map));
    }

    /** Sets a {@code const volatile} variable of the object. The variable is an integer of 1, 2, 4 or 8 bytes. */
    public void constant(String variable, long value) {
        Btf.Member member = btf().variable(CONSTANTS, variable);
        MemorySegment constants = libbpf.initialValue(find(CONSTANTS));
        for (int index = 0; index < member.size(); index++) {
            int shift = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? index : member.size() - 1 - index;
            constants.set(ValueLayout.JAVA_BYTE, member.offset() + index, (byte) (value >>> (8 * shift)));
        }
    }

    /**
     * Uses a pinned map instead of creating a new one. The pinned map keeps its maximum number of entries.
     *
     * @throws BpfException if the keys or values of the pinned map have another size than those of the object's map
     */
    public void reuse(String map, Path pinned) {
        MemorySegment found = find(map);
        int keySize = libbpf.keySize(found);
        int valueSize = libbpf.valueSize(found);
        int descriptor = libbpf.pinned(pinned.toString());
        if (descriptor < 0) {
            throw BpfException.ofErrno("pinned map " + pinned + " not opened", descriptor);
        }
        try {
            int result = libbpf.reuse(found, descriptor);
            if (result != 0) {
                throw BpfException.ofErrno("pinned map " + pinned + " not taken over", result);
            }
        } finally {
            // libbpf has duplicated the descriptor, so ours can be closed.
            SystemCalls.close(descriptor);
        }
        if (libbpf.keySize(found) != keySize || libbpf.valueSize(found) != valueSize) {
            throw new BpfException("pinned map " + pinned + " not taken over: its entries have another layout");
        }
    }

    /** Returns the type information (BTF) in the object. */
    public Btf btf() {
        return Btf.parse(libbpf.rawBtf(object));
    }

    /**
     * Loads all programs and maps into the kernel, which verifies the programs.
     *
     * @throws BpfException if the kernel refuses the object; the message ends with the verifier's reason
     */
    public BpfObject load() {
        if (used) {
            throw new IllegalStateException("already loaded or closed");
        }
        LibbpfLog.capturing(() -> {
            int result = libbpf.load(object);
            if (result != 0) {
                throw BpfException.ofErrno("BPF object " + name + " not loaded", result);
            }
            return result;
        });
        used = true;
        return new BpfObject(libbpf, object);
    }

    /** Frees the parsed object. Does nothing after {@link #load}: then the {@link BpfObject} must be closed instead. */
    @Override
    public void close() {
        if (!used) {
            used = true;
            libbpf.closeObject(object);
        }
    }

    private MemorySegment find(String map) {
        if (used) {
            throw new IllegalStateException("already loaded or closed");
        }
        return libbpf.findMap(object, map);
    }
}
