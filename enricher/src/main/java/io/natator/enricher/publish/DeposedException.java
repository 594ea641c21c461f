package io.natator.enricher.publish;

/** Another enricher writes to the topic now: this one must not write any more. */
public final class DeposedException extends Exception {
    private static final long serialVersionUID = 1L;

    DeposedException(Throwable cause) {
        super("another enricher writes to the topic now", cause);
    }
}
