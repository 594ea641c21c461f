package io.natator.enricher.publish;

/** Another enricher has taken the topic over. This one must not write any more. */
public final class DeposedException extends Exception {
    private static final long serialVersionUID = 1L;

    DeposedException(Throwable cause) {
        super("another enricher writes to the topic now", cause);
    }
}
