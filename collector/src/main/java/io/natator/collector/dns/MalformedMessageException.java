package io.natator.collector.dns;

/**
 * Says that bytes are not a DNS message. The exception has no stack trace, because it can be frequent and is never
 * logged.
 */
final class MalformedMessageException extends Exception {
    MalformedMessageException(String message) {
        super(message, null, false, false);
    }
}
