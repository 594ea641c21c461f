package io.natator.collector.snapshot;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.LongSupplier;

/** One of the kernel's clocks by {@code clock_gettime(2)}. Java has none that counts the time a machine is asleep. */
final class KernelClock implements LongSupplier {
    /** {@code CLOCK_REALTIME}: nanoseconds since the epoch. */
    static final int REALTIME = 0;
    /** {@code CLOCK_BOOTTIME}: nanoseconds since boot, suspended time included; what {@code bpf_ktime_get_boot_ns} reads. */
    static final int BOOTTIME = 7;

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle CLOCK_GETTIME = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("clock_gettime"),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

    private final int clock;

    KernelClock(int clock) {
        this.clock = clock;
    }

    @Override
    public long getAsLong() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment timespec = arena.allocate(ValueLayout.JAVA_LONG, 2);
            int result = clockGettime(clock, timespec);
            if (result != 0) {
                throw new IllegalStateException("clock_gettime(" + clock + ") failed");
            }
            return timespec.getAtIndex(ValueLayout.JAVA_LONG, 0) * NANOS_PER_SECOND
                    + timespec.getAtIndex(ValueLayout.JAVA_LONG, 1);
        }
    }

    private static int clockGettime(int clock, MemorySegment timespec) {
        try {
            return (int) CLOCK_GETTIME.invokeExact(clock, timespec);
        } catch (Throwable impossible) {
            throw new AssertionError("clock_gettime declares no exception", impossible);
        }
    }
}
