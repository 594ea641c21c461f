package io.natator.bpf.libbpf;

import org.jspecify.annotations.Nullable;

/** The kernel or libbpf refused something. The message reads {@code what failed: why} or {@code …: what to do}. */
public class BpfException extends RuntimeException {
    private final int errno;

    public BpfException(String message) {
        this(message, 0, null);
    }

    public BpfException(String message, @Nullable Throwable cause) {
        this(message, 0, cause);
    }

    BpfException(String message, int errno, @Nullable Throwable cause) {
        super(message, cause);
        this.errno = errno;
    }

    /** The error number of the cause (errno(3)), 0 if there is none. */
    public int errno() {
        return errno;
    }

    /** For a call that returned {@code -errno}. */
    static BpfException ofErrno(String what, int errno) {
        int positive = Math.abs(errno);
        return new BpfException(what + ": " + SystemCalls.describeError(positive), positive, null);
    }
}
