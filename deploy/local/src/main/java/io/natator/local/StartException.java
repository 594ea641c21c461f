package io.natator.local;

/** Thrown if the pipeline cannot start. The message is one line for the user: what failed, why, what to do. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message);
    }

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
