package io.natator.collector.dns;

import java.util.Arrays;

/**
 * Reads a DNS message (RFC 1035, 4.1) from its beginning to its end. The sender is untrusted: every read is checked against the
 * message's end, and every name is bounded. Not thread-safe.
 */
final class MessageReader {
    /** 253 characters as text: 255 bytes on the wire, with the length bytes and the root (RFC 1035, 2.3.4). */
    private static final int LONGEST_NAME = 253;

    private static final int POINTER = 0xc0;
    private static final int POINTER_BYTES = 2;

    private final byte[] message;
    private int position;

    /** @param message not changed while it is read */
    MessageReader(byte[] message) {
        this.message = message;
    }

    int position() {
        return position;
    }

    /** Unread bytes. */
    int remaining() {
        return message.length - position;
    }

    int unsignedByte() throws MalformedMessageException {
        require(1);
        return message[position++] & 0xff;
    }

    int unsignedShort() throws MalformedMessageException {
        return unsignedByte() << 8 | unsignedByte();
    }

    /** A time to live: 31 bits; 0 if the highest bit is set (RFC 2181, 8). */
    int timeToLive() throws MalformedMessageException {
        return Math.max(0, unsignedShort() << 16 | unsignedShort());
    }

    byte[] bytes(int count) throws MalformedMessageException {
        require(count);
        position += count;
        return Arrays.copyOfRange(message, position - count, position);
    }

    void skip(int count) throws MalformedMessageException {
        require(count);
        position += count;
    }

    /**
     * A name in lower case, without the dot of the root; empty for the root. A compression pointer must lead to a position before
     * the part of the name that it ends. So each pointer leads nearer to the beginning than the last one, and the loop ends.
     */
    String name() throws MalformedMessageException {
        StringBuilder name = new StringBuilder();
        int at = position;
        int partBegan = position;
        int end = -1;
        while (true) {
            int length = at(at);
            if (length == 0) {
                position = end >= 0 ? end : at + 1;
                return name.toString();
            }
            if (length < POINTER) {
                at = label(name, at, length);
                continue;
            }
            int target = (length & ~POINTER) << 8 | at(at + 1);
            if (target >= partBegan) {
                throw new MalformedMessageException("pointer that does not lead back");
            }
            if (end < 0) {
                end = at + POINTER_BYTES;
            }
            at = target;
            partBegan = target;
        }
    }

    private int label(StringBuilder name, int at, int length) throws MalformedMessageException {
        // The two other values of the upper bits are unused (RFC 6891, 5).
        if (length >= 1 << 6) {
            throw new MalformedMessageException("label of an unknown type");
        }
        if (name.length() + length + 1 > LONGEST_NAME + 1) {
            throw new MalformedMessageException("name that is too long");
        }
        if (!name.isEmpty()) {
            name.append('.');
        }
        for (int index = at + 1; index <= at + length; index++) {
            name.append(lowerCase(at(index)));
        }
        if (name.length() > LONGEST_NAME) {
            throw new MalformedMessageException("name that is too long");
        }
        return at + length + 1;
    }

    /** Accepts only the characters of host and service names: others could deceive a reader who sees the name. */
    private static char lowerCase(int character) throws MalformedMessageException {
        if (character >= 'A' && character <= 'Z') {
            return (char) (character + 'a' - 'A');
        }
        if ((character >= 'a' && character <= 'z')
                || (character >= '0' && character <= '9')
                || character == '-'
                || character == '_') {
            return (char) character;
        }
        throw new MalformedMessageException("name with a character that host names do not have");
    }

    private int at(int index) throws MalformedMessageException {
        if (index >= message.length) {
            throw new MalformedMessageException("unexpected end of message");
        }
        return message[index] & 0xff;
    }

    private void require(int count) throws MalformedMessageException {
        if (count > remaining()) {
            throw new MalformedMessageException("unexpected end of message");
        }
    }
}
