package io.natator.collector.dns;

import java.util.Arrays;

/**
 * Reads a DNS message (RFC 1035, 4.1) from its beginning to its end. The sender is untrusted, so every read is checked
 * against the length of the message, and the length of every name is limited. Not thread-safe.
 */
final class MessageReader {
    /**
     * Maximum length of a name as text. In a message such a name takes 255 bytes, because of its length bytes (RFC
     * 1035, 2.3.4).
     */
    private static final int LONGEST_NAME = 253;

    private static final int POINTER = 0xc0;
    private static final int POINTER_BYTES = 2;

    private final byte[] message;
    private int position;

    /** @param message not copied: the caller must not change it */
    MessageReader(byte[] message) {
        this.message = message;
    }

    int position() {
        return position;
    }

    /** Returns the number of bytes that are not read yet. */
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

    /** Reads a time to live in seconds. It has 31 bits; if the highest bit is set, it counts as 0 (RFC 2181, 8). */
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
     * Reads a name in lower case, without a dot at the end; returns an empty string for the root. A compression pointer
     * must point to a position before the part of the name that the pointer ends. So each pointer leads nearer to the
     * beginning of the message, and the loop ends.
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
                throw new MalformedMessageException("pointer that does not point backwards");
            }
            if (end < 0) {
                end = at + POINTER_BYTES;
            }
            at = target;
            partBegan = target;
        }
    }

    private int label(StringBuilder name, int at, int length) throws MalformedMessageException {
        // If the length is 64 or more, its upper two bits have a value that no label type uses (RFC 6891, 5).
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
            name.append(NameCharacters.lowerCase(at(index)));
        }
        if (name.length() > LONGEST_NAME) {
            throw new MalformedMessageException("name that is too long");
        }
        return at + length + 1;
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
