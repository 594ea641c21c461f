package io.natator.bpf.libbpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives the lines that libbpf prints; libbpf has one print function per process. Lines that are printed during a
 * call inside {@link #capturing} are summarized in the message of the exception if the call fails. All other lines are
 * logged at debug level.
 */
final class LibbpfLog {
    private static final Logger log = LoggerFactory.getLogger(LibbpfLog.class);
    private static final int DEBUG = 2;
    private static final long LINE_BYTES = 1 << 20;
    private static final Functions C = new Functions(Functions.LINKER.defaultLookup());
    /**
     * The C function that formats a line. Its last parameter is a va_list, which x86-64 and arm64 pass as an address.
     */
    private static final MethodHandle FORMAT = C.function("vsnprintf", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);

    private static final ThreadLocal<@Nullable StringBuilder> CAPTURED = new ThreadLocal<>();

    private LibbpfLog() {}

    static void install(Functions library) {
        try {
            MethodHandle print = MethodHandles.lookup()
                    .findStatic(
                            LibbpfLog.class,
                            "print",
                            MethodType.methodType(int.class, int.class, MemorySegment.class, MemorySegment.class));
            MemorySegment callback = Functions.LINKER.upcallStub(
                    print, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), Arena.global());
            MethodHandle setPrint = library.function("libbpf_set_print", ADDRESS, ADDRESS);
            MemorySegment ignored = (MemorySegment) setPrint.invokeExact(callback);
        } catch (Throwable thrown) {
            throw Functions.unexpected(thrown);
        }
    }

    /**
     * Runs a call. If the call throws a {@link BpfException}, appends the reason that libbpf or the verifier has
     * printed to its message.
     */
    static <T> T capturing(Supplier<T> call) {
        StringBuilder captured = new StringBuilder();
        CAPTURED.set(captured);
        try {
            return call.get();
        } catch (BpfException failure) {
            List<String> lines = captured.toString().lines().toList();
            String detail = VerifierLog.summary(lines);
            throw detail.isEmpty()
                    ? failure
                    : new BpfException(failure.getMessage() + ": " + detail, failure.errno(), failure);
        } finally {
            CAPTURED.remove();
        }
    }

    /**
     * Receives a line; libbpf calls this method ({@link #install} finds it by its name). An uncaught exception in it
     * would end the process.
     */
    @SuppressWarnings("UnusedMethod")
    private static int print(int level, MemorySegment format, MemorySegment arguments) {
        try (Arena arena = Arena.ofConfined()) {
            StringBuilder captured = CAPTURED.get();
            if (level >= DEBUG || (captured == null && !log.isDebugEnabled())) {
                return 0;
            }
            MemorySegment line = arena.allocate(LINE_BYTES);
            int length = (int) FORMAT.invokeExact(line, LINE_BYTES, format, arguments);
            if (captured != null) {
                captured.append(line.getString(0));
            } else {
                log.atDebug().addKeyValue("line", line.getString(0).strip()).log("libbpf");
            }
            return length;
        } catch (Throwable thrown) {
            log.atDebug().setCause(thrown).log("Could not read a line of libbpf");
            return 0;
        }
    }
}
