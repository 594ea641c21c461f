package io.natator.bpf.libbpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * Probes the running kernel for features. For each feature, it tries to load the smallest program or map that needs the
 * feature, or searches for a type in the kernel's type information. Nothing stays in the kernel. An instance keeps the
 * kernel's type information in memory until it is closed. Not thread-safe.
 */
public final class KernelProbe implements AutoCloseable {
    private static final int KIND_STRUCT = 4;
    private static final int KIND_TYPEDEF = 8;
    private static final int KIND_FUNCTION = 12;
    private static final int TRACING = 26;
    private static final int TYPED_TRACEPOINT = 23;
    private static final int FUNCTION_ENTRY = 24;
    /**
     * Size in bytes of struct bpf_prog_load_opts of libbpf 1.0 up to its member attach_btf_id. libbpf treats the
     * members after it as 0.
     */
    private static final long LOAD_OPTIONS_BYTES = 36;

    private static final long EXPECTED_ATTACH_TYPE_OFFSET = 12;
    private static final long ATTACH_TYPE_ID_OFFSET = 32;
    private static final int RING_BUFFER = 27;
    private static final int SOCKET_FILTER = 1;
    private static final int NO_ENTRY = 2;
    private static final int NO_PROCESS = 3;
    private static final int INVALID = 22;
    private static final int NOT_SUPPORTED = 95;
    /** The error number ENOTSUPP. It is meant for use inside the kernel only, but some system calls return it. */
    private static final int NOT_SUPPORTED_INTERNAL = 524;

    /** The program {@code return 0}. */
    private static final long[] NOTHING = {instruction(0xb7, 0, 0, 0, 0), instruction(0x95, 0, 0, 0, 0)};

    /** The program {@code *(u64 *)(r10 - 8) = 1; r1 = fetch_and_add(r10 - 8, 1); return 0}. */
    private static final long[] ATOMIC_FETCH = {
        instruction(0xb7, 1, 0, 0, 1),
        instruction(0x7b, 10, 1, -8, 0),
        instruction(0xdb, 10, 1, -8, 1),
        instruction(0xb7, 0, 0, 0, 0),
        instruction(0x95, 0, 0, 0, 0)
    };

    /** The program {@code bpf_get_socket_cookie(the first argument); return 0}. */
    private static final long[] SOCKET_COOKIE = {
        instruction(0x79, 1, 1, 0, 0),
        instruction(0x85, 0, 0, 0, 46),
        instruction(0xb7, 0, 0, 0, 0),
        instruction(0x95, 0, 0, 0, 0)
    };

    /** The program {@code bpf_probe_read_kernel(r10 - 8, 8, NULL); return 0}. */
    private static final long[] KERNEL_READ = {
        instruction(0xbf, 1, 10, 0, 0),
        instruction(0x07, 1, 0, 0, -8),
        instruction(0xb7, 2, 0, 0, 8),
        instruction(0xb7, 3, 0, 0, 0),
        instruction(0x85, 0, 0, 0, 113),
        instruction(0xb7, 0, 0, 0, 0),
        instruction(0x95, 0, 0, 0, 0)
    };

    private final MethodHandle findType;
    private final MethodHandle freeTypes;
    private final MethodHandle createMap;
    private final MethodHandle loadProgram;
    private final MemorySegment types;
    private final Support typesPresent;

    /**
     * Loads the kernel's type information.
     *
     * @throws BpfException if libbpf is missing or too old; the message names what to install
     */
    public KernelProbe() {
        BpfSpec.requireLibrary();
        Functions library = new Functions(SymbolLookup.libraryLookup(Libbpf.LIBRARY, Arena.global()));
        findType = library.function("btf__find_by_name_kind", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
        freeTypes = library.procedure("btf__free", ADDRESS);
        createMap =
                library.function("bpf_map_create", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
        loadProgram =
                library.function("bpf_prog_load", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
        MethodHandle loadTypes = library.functionWithErrno("btf__load_vmlinux_btf", ADDRESS);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            types = (MemorySegment) loadTypes.invokeExact(state);
            int errno = Functions.errno(state);
            // libbpf tries several files. It sets errno to ESRCH if none of them exists.
            typesPresent = types.address() != 0
                    ? Support.YES
                    : errno == NO_ENTRY || errno == NO_PROCESS ? Support.NO : Support.UNKNOWN;
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /**
     * Probes for the running kernel's type information (BTF), which programs need to find the struct members that they
     * read.
     */
    public Support types() {
        return typesPresent;
    }

    /** Probes for a tracepoint to which programs can be attached with typed arguments (tp_btf). */
    public Support typedTracepoint(String name) {
        return present(find("btf_trace_" + name, KIND_TYPEDEF));
    }

    /** Probes for a kernel function to which programs can be attached with typed arguments (fentry, Linux 5.5). */
    public Support functionEntry(String name) {
        int function = find(name, KIND_FUNCTION);
        return function <= 0 ? present(function) : tracing(FUNCTION_ENTRY, function, NOTHING);
    }

    /**
     * Probes whether programs on a typed tracepoint whose first argument is a socket can get the socket's cookie (Linux
     * 5.12).
     */
    public Support socketCookie(String tracepoint) {
        int type = find("btf_trace_" + tracepoint, KIND_TYPEDEF);
        return type <= 0 ? Support.UNKNOWN : tracing(TYPED_TRACEPOINT, type, SOCKET_COOKIE);
    }

    /**
     * Probes whether programs on a typed tracepoint are allowed to read any kernel memory with bpf_probe_read_kernel().
     * They are allowed from Linux 5.5, except if kernel_lockdown(7) is in confidentiality mode.
     */
    public Support kernelReads(String tracepoint) {
        int type = find("btf_trace_" + tracepoint, KIND_TYPEDEF);
        return type <= 0 ? Support.UNKNOWN : tracing(TYPED_TRACEPOINT, type, KERNEL_READ);
    }

    private Support tracing(int attachType, int target, long[] program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment options = arena.allocate(LOAD_OPTIONS_BYTES, Long.BYTES);
            options.set(JAVA_LONG, 0, LOAD_OPTIONS_BYTES);
            options.set(JAVA_INT, EXPECTED_ATTACH_TYPE_OFFSET, attachType);
            options.set(JAVA_INT, ATTACH_TYPE_ID_OFFSET, target);
            int descriptor = (int) loadProgram.invokeExact(
                    TRACING,
                    arena.allocateFrom("natator_probe"),
                    arena.allocateFrom("GPL"),
                    arena.allocateFrom(JAVA_LONG, program),
                    (long) program.length,
                    options);
            return outcome(descriptor);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /** Probes for a kind of iterator program, such as {@code tcp}. */
    public Support iterator(String name) {
        return present(find("bpf_iter__" + name, KIND_STRUCT));
    }

    /** Probes for a kernel function that programs can call (kfunc). */
    public Support callableFunction(String name) {
        return present(find(name, KIND_FUNCTION));
    }

    /** Probes for the map type ring buffer (Linux 5.8). */
    public Support ringBuffer() {
        try (Arena arena = Arena.ofConfined()) {
            int bytes = Math.toIntExact(SystemCalls.pageSize());
            int descriptor = (int) createMap.invokeExact(
                    RING_BUFFER, arena.allocateFrom("natator_probe"), 0, 0, bytes, MemorySegment.NULL);
            return outcome(descriptor);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /** Probes for atomic operations that return the old value (Linux 5.12). */
    public Support atomicFetch() {
        try (Arena arena = Arena.ofConfined()) {
            int descriptor = (int) loadProgram.invokeExact(
                    SOCKET_FILTER,
                    arena.allocateFrom("natator_probe"),
                    arena.allocateFrom("GPL"),
                    arena.allocateFrom(JAVA_LONG, ATOMIC_FETCH),
                    (long) ATOMIC_FETCH.length,
                    MemorySegment.NULL);
            return outcome(descriptor);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    private int find(String name, int kind) {
        if (types.address() == 0) {
            return -INVALID;
        }
        try (Arena arena = Arena.ofConfined()) {
            return (int) findType.invokeExact(types, arena.allocateFrom(name), kind);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /**
     * @param type result of searching for a type: its id, or {@code -errno}; ENOENT means that the type does not exist
     */
    private static Support present(int type) {
        return type > 0 ? Support.YES : type == -NO_ENTRY ? Support.NO : Support.UNKNOWN;
    }

    /** @param descriptor result of trying to load: a file descriptor, which this method closes, or {@code -errno} */
    private static Support outcome(int descriptor) {
        if (descriptor >= 0) {
            SystemCalls.close(descriptor);
            return Support.YES;
        }
        return switch (-descriptor) {
            case INVALID, NOT_SUPPORTED, NOT_SUPPORTED_INTERNAL -> Support.NO;
            default -> Support.UNKNOWN;
        };
    }

    /** Encodes an instruction (struct bpf_insn): operation code, two registers of 4 bits each, offset, constant. */
    private static long instruction(int code, int destination, int source, int offset, int constant) {
        return code | (long) (destination | source << 4) << 8 | (offset & 0xffffL) << 16 | (long) constant << 32;
    }

    @Override
    public void close() {
        if (types.address() != 0) {
            try {
                freeTypes.invokeExact(types);
            } catch (Throwable thrown) {
                throw Functions.unexpected(thrown);
            }
        }
    }
}
