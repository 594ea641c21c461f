package io.natator.enricher.publish;

/** Thrown if another enricher has taken the topic over, so that this enricher must not write any more. */
public final class DeposedException extends Exception {
    private static final long serialVersionUID = 1L;

    DeposedException(Throwable cause) {
        super("another enricher writes to the topic now", cause);
    }
}
