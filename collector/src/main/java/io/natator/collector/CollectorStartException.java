package io.natator.collector;

/**
 * Says why the collector cannot start. The message has one line for each problem: what failed, why, and what the
 * operator can do.
 */
public final class CollectorStartException extends Exception {
    private static final long serialVersionUID = 1L;

    CollectorStartException(String message) {
        super(message);
    }

    CollectorStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
