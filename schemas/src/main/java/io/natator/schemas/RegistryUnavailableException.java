package io.natator.schemas;

import org.apache.kafka.common.errors.RetriableException;

/** Thrown if the schema registry does not answer. The record is possibly valid, so the caller should retry. */
public final class RegistryUnavailableException extends RetriableException {
    private static final long serialVersionUID = 1;

    RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
