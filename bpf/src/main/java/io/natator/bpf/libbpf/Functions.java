package io.natator.bpf.libbpf;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** Finds C functions in a library, and creates method handles for them. */
final class Functions {
    static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(PathElement.groupElement("errno"));

    private final SymbolLookup symbols;

    Functions(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    MethodHandle function(String name, MemoryLayout result, MemoryLayout... parameters) {
        return LINKER.downcallHandle(address(name), FunctionDescriptor.of(result, parameters));
    }

    /**
     * Like {@link #function}; the handle has an additional first parameter for errno, a segment from
     * {@link #callState}.
     */
    MethodHandle functionWithErrno(String name, MemoryLayout result, MemoryLayout... parameters) {
        return LINKER.downcallHandle(
                address(name), FunctionDescriptor.of(result, parameters), Linker.Option.captureCallState("errno"));
    }

    MethodHandle procedure(String name, MemoryLayout... parameters) {
        return LINKER.downcallHandle(address(name), FunctionDescriptor.ofVoid(parameters));
    }

    MemorySegment address(String name) {
        return symbols.find(name).orElseThrow(() -> new UnsatisfiedLinkError(name));
    }

    static MemorySegment callState(SegmentAllocator arena) {
        return arena.allocate(CALL_STATE);
    }

    static int errno(MemorySegment callState) {
        return (int) ERRNO.get(callState, 0L);
    }

    /** Converts the Throwable that a method handle declares. Calls of C functions throw no checked exceptions. */
    static RuntimeException unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            return exception;
        }
        return new IllegalStateException(thrown);
    }

    /** Reads the C string at an address. */
    static String string(MemorySegment address) {
        return address.reinterpret(Long.MAX_VALUE, Arena.global(), null).getString(0);
    }
}
