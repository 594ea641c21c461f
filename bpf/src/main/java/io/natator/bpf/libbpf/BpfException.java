package io.natator.bpf.libbpf;

import org.jspecify.annotations.Nullable;

/**
 * Says that a call to the kernel or libbpf failed. The message reads {@code what failed: why} or {@code what failed:
 * why: what to do}.
 */
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

    /** Returns the error number (errno(3)) of the failed call; 0 if it has none. */
    public int errno() {
        return errno;
    }

    /** @param errno error number of the failed call, positive or negative */
    static BpfException ofErrno(String what, int errno) {
        int positive = Math.abs(errno);
        return new BpfException(what + ": " + SystemCalls.describeError(positive), positive, null);
    }
}
