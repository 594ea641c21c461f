package io.natator.bpf.libbpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** System calls that have no counterpart in the JDK. Thread-safe. */
public final class SystemCalls {
    /** The flag {@code CLONE_NEWNET} of setns(2). */
    public static final int NETWORK_NAMESPACE = 0x40000000;

    private static final int CLOCK_REALTIME = 0;
    private static final int CLOCK_BOOTTIME = 7;
    private static final int PAGE_SIZE_NAME = 30;
    private static final int READ_ONLY = 0;
    private static final int CLOSE_ON_EXEC = 0x80000;
    private static final int PROTECTION_READ = 1;
    private static final int PROTECTION_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final int LOCK_EXCLUSIVE_NOT_BLOCKING = 2 | 4;
    private static final int INTERRUPTED = 4;
    private static final int TRY_AGAIN = 11;
    private static final int WOULD_BLOCK = 11;
    private static final long BPF_FILE_SYSTEM = 0xcafe4a11L;

    private static final Functions C = new Functions(Functions.LINKER.defaultLookup());
    private static final MethodHandle STRERROR = C.function("strerror", ADDRESS, JAVA_INT);
    private static final MethodHandle OPEN = C.functionWithErrno("open", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CLOSE = C.function("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle READ = C.functionWithErrno("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle MMAP =
            C.functionWithErrno("mmap", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle MUNMAP = C.function("munmap", JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle SETNS = C.functionWithErrno("setns", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle FLOCK = C.functionWithErrno("flock", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle MOUNT =
            C.functionWithErrno("mount", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    private static final MethodHandle STATFS = C.functionWithErrno("statfs", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle CLOCK_GETTIME = C.function("clock_gettime", JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle SYSCONF = C.function("sysconf", JAVA_LONG, JAVA_INT);

    private SystemCalls() {}

    /**
     * Returns the nanoseconds since boot, including suspended time ({@code CLOCK_BOOTTIME}). Programs read the same
     * clock with {@code bpf_ktime_get_boot_ns}.
     */
    public static long bootNanos() {
        return readClock(CLOCK_BOOTTIME);
    }

    /** Returns the nanoseconds since 1970-01-01 UTC ({@code CLOCK_REALTIME}). */
    public static long wallNanos() {
        return readClock(CLOCK_REALTIME);
    }

    private static long readClock(int clock) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(JAVA_LONG, 2);
            int result = (int) CLOCK_GETTIME.invokeExact(clock, time);
            if (result != 0) {
                throw new BpfException("clock " + clock + " not read: clock_gettime(2) failed");
            }
            return time.getAtIndex(JAVA_LONG, 0) * 1_000_000_000L + time.getAtIndex(JAVA_LONG, 1);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /** Returns the size of a memory page in bytes. */
    public static long pageSize() {
        try {
            return (long) SYSCONF.invokeExact(PAGE_SIZE_NAME);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /** Opens a file or directory for reading. The caller must close the returned descriptor. */
    public static int open(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            int descriptor =
                    (int) OPEN.invokeExact(state, arena.allocateFrom(path.toString()), READ_ONLY | CLOSE_ON_EXEC);
            if (descriptor < 0) {
                throw BpfException.ofErrno(path + " not opened", Functions.errno(state));
            }
            return descriptor;
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /** Closes a file descriptor. Errors are ignored. */
    public static void close(int descriptor) {
        try {
            int ignored = (int) CLOSE.invokeExact(descriptor);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /**
     * Calls read(2), and repeats the call if a signal interrupts it. Returns the number of bytes, 0 at the end of the
     * file.
     */
    static long read(int descriptor, MemorySegment buffer) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            while (true) {
                long count = (long) READ.invokeExact(state, descriptor, buffer, buffer.byteSize());
                if (count >= 0) {
                    return count;
                }
                int errno = Functions.errno(state);
                // An iterator stops after a million elements and returns EAGAIN; the next read continues it
                // (bpf_seq_read()).
                if (errno != INTERRUPTED && errno != TRY_AGAIN) {
                    throw BpfException.ofErrno("file descriptor not read", errno);
                }
            }
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /** Maps a part of a file into memory (MAP_SHARED). The caller must {@link #unmap} it. */
    public static MemorySegment map(int descriptor, long offset, long length, boolean writable) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            int protection = writable ? PROTECTION_READ | PROTECTION_WRITE : PROTECTION_READ;
            MemorySegment address = (MemorySegment)
                    MMAP.invokeExact(state, MemorySegment.NULL, length, protection, MAP_SHARED, descriptor, offset);
            if (address.address() == -1) {
                throw BpfException.ofErrno("map not mapped into memory", Functions.errno(state));
            }
            return address.reinterpret(length);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /** Unmaps memory that {@link #map} has returned. */
    public static void unmap(MemorySegment segment) {
        try {
            int ignored = (int) MUNMAP.invokeExact(segment, segment.byteSize());
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /**
     * Moves the calling platform thread into the network namespace of the file. The thread stays there until it ends.
     */
    public static void enterNetworkNamespace(Path namespace) {
        int descriptor = open(namespace);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            int result = (int) SETNS.invokeExact(state, descriptor, NETWORK_NAMESPACE);
            if (result != 0) {
                throw BpfException.ofErrno("network namespace " + namespace + " not entered", Functions.errno(state));
            }
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        } finally {
            close(descriptor);
        }
    }

    /** Locks an open file or directory (flock(2)) until it is closed. Returns false if it is locked already. */
    public static boolean lock(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            int result = (int) FLOCK.invokeExact(state, descriptor, LOCK_EXCLUSIVE_NOT_BLOCKING);
            if (result != 0 && Functions.errno(state) != WOULD_BLOCK) {
                throw BpfException.ofErrno("folder not locked", Functions.errno(state));
            }
            return result == 0;
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /** Whether an existing directory is in a BPF file system. */
    public static boolean isBpfFileSystem(Path folder) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            MemorySegment description = arena.allocate(256, Long.BYTES);
            int result = (int) STATFS.invokeExact(state, arena.allocateFrom(folder.toString()), description);
            if (result != 0) {
                throw BpfException.ofErrno(folder + " not examined", Functions.errno(state));
            }
            return (description.get(JAVA_LONG, 0) & 0xffffffffL) == BPF_FILE_SYSTEM;
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /** Mounts a BPF file system on an existing directory. */
    public static void mountBpfFileSystem(Path folder) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Functions.callState(arena);
            MemorySegment type = arena.allocateFrom("bpf");
            int result = (int)
                    MOUNT.invokeExact(state, type, arena.allocateFrom(folder.toString()), type, 0L, MemorySegment.NULL);
            if (result != 0) {
                throw BpfException.ofErrno("BPF file system not mounted on " + folder, Functions.errno(state));
            }
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    static String describeError(int errno) {
        try {
            return Functions.string((MemorySegment) STRERROR.invokeExact(errno));
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }
}
