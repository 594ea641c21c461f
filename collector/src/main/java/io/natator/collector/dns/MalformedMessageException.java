package io.natator.collector.dns;

/** Bytes that are no message of the DNS. Made often and never shown: without a stack trace. */
final class MalformedMessageException extends Exception {
    MalformedMessageException(String message) {
        super(message, null, false, false);
    }
}
