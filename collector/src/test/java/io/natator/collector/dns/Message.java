package io.natator.collector.dns;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Builds well-formed and malformed DNS messages part by part. */
final class Message {
    static final int A = 1;
    static final int CNAME = 5;
    static final int AAAA = 28;
    static final int RESPONSE = 0x8180;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Begins an answer with one question for an A or AAAA record. */
    static Message answer(String name, int type, int answers) {
        return header(RESPONSE, 1, answers).name(name).number(type).number(1);
    }

    static Message header(int flags, int questions, int answers) {
        return new Message()
                .number(0x1234)
                .number(flags)
                .number(questions)
                .number(answers)
                .number(0)
                .number(0);
    }

    /** Appends a number of 16 bits. */
    Message number(int value) {
        bytes.write(value >>> 8);
        bytes.write(value);
        return this;
    }

    Message raw(int... values) {
        for (int value : values) {
            bytes.write(value);
        }
        return this;
    }

    Message name(String name) {
        if (!name.isEmpty()) {
            for (String label : name.split("\\.")) {
                byte[] text = label.getBytes(StandardCharsets.ISO_8859_1);
                bytes.write(text.length);
                bytes.writeBytes(text);
            }
        }
        bytes.write(0);
        return this;
    }

    Message pointer(int offset) {
        return number(0xc000 | offset);
    }

    /** Appends what a record contains between its name and its data: type, class, time to live, length. */
    Message record(int type, int ttl, int length) {
        return number(type).number(1).number(ttl >>> 16).number(ttl).number(length);
    }

    Message address(String owner, int ttl, int... address) {
        return name(owner)
                .record(address.length == 4 ? A : AAAA, ttl, address.length)
                .raw(address);
    }

    Message alias(String owner, int ttl, String target) {
        return name(owner).record(CNAME, ttl, target.length() + 2).name(target);
    }

    int size() {
        return bytes.size();
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
