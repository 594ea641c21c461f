package io.natator.bpf.libbpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * The functions of libbpf 1.x that this package calls. They are looked up once per process. Methods that return an int
 * return {@code -errno} on failure.
 */
final class Libbpf {
    static final String LIBRARY = "libbpf.so.1";

    private static @Nullable Libbpf linked;

    private final MethodHandle openMemory;
    private final MethodHandle load;
    private final MethodHandle closeObject;
    private final MethodHandle objectBtf;
    private final MethodHandle rawBtf;
    private final MethodHandle findMap;
    private final MethodHandle findProgram;
    private final MethodHandle mapDescriptor;
    private final MethodHandle keySize;
    private final MethodHandle valueSize;
    private final MethodHandle maxEntries;
    private final MethodHandle setMaxEntries;
    private final MethodHandle reuse;
    private final MethodHandle initialValue;
    private final MethodHandle programDescriptor;
    private final MethodHandle attach;
    private final MethodHandle attachCgroup;
    private final MethodHandle updateLink;
    private final MethodHandle attachIterator;
    private final MethodHandle linkDescriptor;
    private final MethodHandle destroyLink;
    private final MethodHandle createIterator;
    private final MethodHandle pin;
    private final MethodHandle getPinned;
    private final MethodHandle information;
    private final MethodHandle lookup;
    private final MethodHandle update;
    private final MethodHandle delete;
    private final MethodHandle lookupBatch;
    private final MethodHandle possibleCpus;
    private final MethodHandle createMap;

    private Libbpf(SymbolLookup symbols) {
        Functions library = new Functions(symbols);
        openMemory = library.functionWithErrno("bpf_object__open_mem", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
        load = library.function("bpf_object__load", JAVA_INT, ADDRESS);
        closeObject = library.procedure("bpf_object__close", ADDRESS);
        objectBtf = library.function("bpf_object__btf", ADDRESS, ADDRESS);
        rawBtf = library.function("btf__raw_data", ADDRESS, ADDRESS, ADDRESS);
        findMap = library.function("bpf_object__find_map_by_name", ADDRESS, ADDRESS, ADDRESS);
        findProgram = library.function("bpf_object__find_program_by_name", ADDRESS, ADDRESS, ADDRESS);
        mapDescriptor = library.function("bpf_map__fd", JAVA_INT, ADDRESS);
        keySize = library.function("bpf_map__key_size", JAVA_INT, ADDRESS);
        valueSize = library.function("bpf_map__value_size", JAVA_INT, ADDRESS);
        maxEntries = library.function("bpf_map__max_entries", JAVA_INT, ADDRESS);
        setMaxEntries = library.function("bpf_map__set_max_entries", JAVA_INT, ADDRESS, JAVA_INT);
        reuse = library.function("bpf_map__reuse_fd", JAVA_INT, ADDRESS, JAVA_INT);
        initialValue = library.function("bpf_map__initial_value", ADDRESS, ADDRESS, ADDRESS);
        programDescriptor = library.function("bpf_program__fd", JAVA_INT, ADDRESS);
        attach = library.functionWithErrno("bpf_program__attach", ADDRESS, ADDRESS);
        attachCgroup = library.functionWithErrno("bpf_program__attach_cgroup", ADDRESS, ADDRESS, JAVA_INT);
        updateLink = library.function("bpf_link_update", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
        attachIterator = library.functionWithErrno("bpf_program__attach_iter", ADDRESS, ADDRESS, ADDRESS);
        linkDescriptor = library.function("bpf_link__fd", JAVA_INT, ADDRESS);
        destroyLink = library.function("bpf_link__destroy", JAVA_INT, ADDRESS);
        createIterator = library.function("bpf_iter_create", JAVA_INT, JAVA_INT);
        pin = library.function("bpf_obj_pin", JAVA_INT, JAVA_INT, ADDRESS);
        getPinned = library.function("bpf_obj_get", JAVA_INT, ADDRESS);
        information = library.function("bpf_obj_get_info_by_fd", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
        lookup = library.function("bpf_map_lookup_elem", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
        update = library.function("bpf_map_update_elem", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
        delete = library.function("bpf_map_delete_elem", JAVA_INT, JAVA_INT, ADDRESS);
        lookupBatch = library.function(
                "bpf_map_lookup_batch", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
        possibleCpus = library.function("libbpf_num_possible_cpus", JAVA_INT);
        createMap =
                library.function("bpf_map_create", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
        LibbpfLog.install(library);
    }

    /**
     * Returns the library. The first call loads it and looks up its functions.
     *
     * @throws BpfException if libbpf is missing or too old; the message names what to install
     */
    static synchronized Libbpf library() {
        Libbpf library = linked;
        if (library == null) {
            library = link();
            linked = library;
        }
        return library;
    }

    private static Libbpf link() {
        String remedy = "install libbpf 1.0 or later (Debian: apt-get install libbpf1)";
        SymbolLookup symbols;
        try {
            symbols = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
        } catch (IllegalArgumentException missing) {
            throw new BpfException("libbpf not loaded: no " + LIBRARY + " in the library path: " + remedy, missing);
        }
        try {
            return new Libbpf(symbols);
        } catch (UnsatisfiedLinkError missing) {
            throw new BpfException(
                    "libbpf not loaded: " + LIBRARY + " has no function " + missing.getMessage() + ": " + remedy,
                    missing);
        }
    }

    MemorySegment openMemory(MemorySegment elf, MemorySegment options) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            MemorySegment object = (MemorySegment) openMemory.invokeExact(state, elf, elf.byteSize(), options);
            return notNull(object, "BPF object not parsed", state);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int load(MemorySegment object) {
        try {
            return (int) load.invokeExact(object);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    void closeObject(MemorySegment object) {
        try {
            closeObject.invokeExact(object);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /**
     * Returns the type information (BTF) in the object; empty if there is none. The segment is valid until the object
     * is closed.
     */
    MemorySegment rawBtf(MemorySegment object) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment btf = (MemorySegment) objectBtf.invokeExact(object);
            if (btf.address() == 0) {
                return MemorySegment.NULL;
            }
            MemorySegment size = arena.allocate(JAVA_INT);
            MemorySegment data = (MemorySegment) rawBtf.invokeExact(btf, size);
            return data.reinterpret(size.get(JAVA_INT, 0));
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    MemorySegment findMap(MemorySegment object, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment map = (MemorySegment) findMap.invokeExact(object, arena.allocateFrom(name));
            return present(map, "map", name);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    MemorySegment findProgram(MemorySegment object, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = (MemorySegment) findProgram.invokeExact(object, arena.allocateFrom(name));
            return present(program, "program", name);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int mapDescriptor(MemorySegment map) {
        return integerOf(mapDescriptor, map);
    }

    int keySize(MemorySegment map) {
        return integerOf(keySize, map);
    }

    int valueSize(MemorySegment map) {
        return integerOf(valueSize, map);
    }

    int maxEntries(MemorySegment map) {
        return integerOf(maxEntries, map);
    }

    int setMaxEntries(MemorySegment map, int entries) {
        try {
            return (int) setMaxEntries.invokeExact(map, entries);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int reuse(MemorySegment map, int descriptor) {
        try {
            return (int) reuse.invokeExact(map, descriptor);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /** Returns the initial contents of a map of constants, which can be changed until the object is loaded. */
    MemorySegment initialValue(MemorySegment map) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(JAVA_LONG);
            MemorySegment value = (MemorySegment) initialValue.invokeExact(map, size);
            return value.reinterpret(value.address() == 0 ? 0 : size.get(JAVA_LONG, 0));
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int programDescriptor(MemorySegment program) {
        return integerOf(programDescriptor, program);
    }

    MemorySegment attach(MemorySegment program, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            MemorySegment link = (MemorySegment) attach.invokeExact(state, program);
            return notNull(link, "program " + name + " not attached", state);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    MemorySegment attachCgroup(MemorySegment program, String name, int cgroup) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            MemorySegment link = (MemorySegment) attachCgroup.invokeExact(state, program, cgroup);
            return notNull(link, "program " + name + " not attached to a cgroup", state);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int updateLink(int link, int program) {
        try {
            return (int) updateLink.invokeExact(link, program, MemorySegment.NULL);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    MemorySegment attachIterator(MemorySegment program, String name, MemorySegment options) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            MemorySegment link = (MemorySegment) attachIterator.invokeExact(state, program, options);
            return notNull(link, "iterator " + name + " not attached", state);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int linkDescriptor(MemorySegment link) {
        return integerOf(linkDescriptor, link);
    }

    int destroyLink(MemorySegment link) {
        return integerOf(destroyLink, link);
    }

    int createIterator(int link) {
        try {
            return (int) createIterator.invokeExact(link);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int pin(int descriptor, String path) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) pin.invokeExact(descriptor, arena.allocateFrom(path));
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int pinned(String path) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) getPinned.invokeExact(arena.allocateFrom(path));
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int information(int descriptor, MemorySegment into) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) information.invokeExact(
                    descriptor, into, arena.allocateFrom(JAVA_INT, Math.toIntExact(into.byteSize())));
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int lookup(int map, MemorySegment key, MemorySegment value) {
        try {
            return (int) lookup.invokeExact(map, key, value);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int update(int map, MemorySegment key, MemorySegment value) {
        try {
            return (int) update.invokeExact(map, key, value, 0L);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int delete(int map, MemorySegment key) {
        try {
            return (int) delete.invokeExact(map, key);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int lookupBatch(
            int map,
            MemorySegment from,
            MemorySegment next,
            MemorySegment keys,
            MemorySegment values,
            MemorySegment count) {
        try {
            return (int) lookupBatch.invokeExact(map, from, next, keys, values, count, MemorySegment.NULL);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int createMap(int type, String name, int keySize, int valueSize, int maxEntries) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) createMap.invokeExact(
                    type, arena.allocateFrom(name), keySize, valueSize, maxEntries, MemorySegment.NULL);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    int possibleCpus() {
        try {
            return (int) possibleCpus.invokeExact();
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    private static int integerOf(MethodHandle function, MemorySegment of) {
        try {
            return (int) function.invokeExact(of);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    private static MemorySegment notNull(MemorySegment result, String what, MemorySegment state) {
        if (result.address() == 0) {
            throw BpfException.ofErrno(what, Functions.errno(state));
        }
        return result;
    }

    private static MemorySegment present(MemorySegment found, String kind, String name) {
        if (found.address() == 0) {
            throw new BpfException("BPF object not usable: it has no " + kind + " named " + name);
        }
        return found;
    }
}
