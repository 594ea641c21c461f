package io.natator.collector.dns;

/** The bytes are not a DNS message. Without a stack trace: it is frequent and never shown. */
final class MalformedMessageException extends Exception {
    MalformedMessageException(String message) {
        super(message, null, false, false);
    }
}
