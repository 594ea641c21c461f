package io.natator.bpf.libbpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A BPF object that is loaded into the kernel. Closing it releases our references to its maps and programs: the kernel
 * then frees those that are neither pinned nor attached. Close the links and iterators of the object first. The maps of
 * the object are closed with it. Not thread-safe.
 */
public final class BpfObject implements AutoCloseable {
    /** Size in bytes of bpf_prog_info up to its member recursion_misses (Linux 5.12), rounded up. */
    private static final long PROGRAM_INFORMATION_BYTES = 232;

    private static final long RUN_NANOS_OFFSET = 192;
    private static final long RUNS_OFFSET = 200;
    private static final long RECURSION_MISSES_OFFSET = 208;

    private final Libbpf libbpf;
    private final MemorySegment object;
    private volatile boolean closed;

    BpfObject(Libbpf libbpf, MemorySegment object) {
        this.libbpf = libbpf;
        this.object = object;
    }

    /** Returns the map of the object that has this name. */
    public BpfMap map(String name) {
        MemorySegment map = libbpf.findMap(open(), name);
        return new BpfMap(
                libbpf,
                name,
                libbpf.mapDescriptor(map),
                new BpfMap.Shape(libbpf.keySize(map), libbpf.valueSize(map), libbpf.maxEntries(map)),
                () -> !closed);
    }

    /** Attaches a program to the hook that the name of its ELF section specifies. */
    public BpfLink attach(String program) {
        MemorySegment found = libbpf.findProgram(open(), program);
        return new BpfLink(libbpf, LibbpfLog.capturing(() -> libbpf.attach(found, program)));
    }

    /** Attaches a program to the cgroup v2 with this directory, and to all cgroups below it. */
    public BpfLink attachToCgroup(String program, Path cgroup) {
        MemorySegment found = libbpf.findProgram(open(), program);
        int folder = SystemCalls.open(cgroup);
        try {
            return new BpfLink(libbpf, LibbpfLog.capturing(() -> libbpf.attachCgroup(found, program, folder)));
        } finally {
            SystemCalls.close(folder);
        }
    }

    /**
     * Atomically replaces the program of a pinned link to a cgroup: for each packet, either the old or the new program
     * runs.
     */
    public void replaceIn(Path pinnedLink, String program) {
        int link = libbpf.pinned(pinnedLink.toString());
        if (link < 0) {
            throw BpfException.ofErrno("pinned link " + pinnedLink + " not opened", link);
        }
        try {
            int result = libbpf.updateLink(link, libbpf.programDescriptor(libbpf.findProgram(open(), program)));
            if (result != 0) {
                throw BpfException.ofErrno("program " + program + " not replaced in " + pinnedLink, result);
            }
        } finally {
            SystemCalls.close(link);
        }
    }

    /**
     * Attaches an iterator program. The name of its ELF section specifies the kind of objects that it iterates over.
     */
    public BpfIterator attachIterator(String program) {
        MemorySegment found = libbpf.findProgram(open(), program);
        return iterator(found, program, MemorySegment.NULL);
    }

    /** Attaches an iterator program that iterates over the entries of a map. */
    public BpfIterator attachIterator(String program, BpfMap over) {
        MemorySegment found = libbpf.findProgram(open(), program);
        try (Arena call = Arena.ofConfined()) {
            // The members of struct bpf_iter_attach_opts of libbpf 1.0 are sz, link_info and link_info_len. link_info
            // points to a struct that begins with the map's descriptor.
            MemorySegment options = call.allocate(24, Long.BYTES);
            options.set(JAVA_LONG, 0, 24);
            options.set(ADDRESS, 8, call.allocateFrom(JAVA_INT, over.descriptor(), 0, 0, 0));
            options.set(JAVA_INT, 16, 16);
            return iterator(found, program, options);
        }
    }

    private BpfIterator iterator(MemorySegment program, String name, MemorySegment options) {
        MemorySegment link = LibbpfLog.capturing(() -> libbpf.attachIterator(program, name, options));
        return new BpfIterator(libbpf, name, new BpfLink(libbpf, link));
    }

    /** Reads the kernel's statistics of a program (bpf_prog_info). */
    public ProgramStatistics statistics(String program) {
        int descriptor = libbpf.programDescriptor(libbpf.findProgram(open(), program));
        try (Arena call = Arena.ofConfined()) {
            MemorySegment information = call.allocate(PROGRAM_INFORMATION_BYTES, Long.BYTES);
            int result = libbpf.information(descriptor, information);
            if (result != 0) {
                throw BpfException.ofErrno("program " + program + " not described", result);
            }
            return new ProgramStatistics(
                    information.get(JAVA_LONG, RUN_NANOS_OFFSET),
                    information.get(JAVA_LONG, RUNS_OFFSET),
                    information.get(JAVA_LONG, RECURSION_MISSES_OFFSET));
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            libbpf.closeObject(object);
        }
    }

    private MemorySegment open() {
        if (closed) {
            throw new IllegalStateException("BPF object is closed");
        }
        return object;
    }
}
