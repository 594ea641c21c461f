package io.natator.enricher.cluster;

/** Thrown if the cluster cannot be accessed as configured. The message says what to do. */
public final class ClusterAccessException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClusterAccessException(String message) {
        super(message);
    }
}
