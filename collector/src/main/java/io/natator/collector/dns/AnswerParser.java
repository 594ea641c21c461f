package io.natator.collector.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the addresses of the queried name from a DNS answer (RFC 1035, RFC 3596). It uses only address records of the
 * queried name and of its aliases. Pure functions, thread-safe.
 */
final class AnswerParser {
    private static final int A = 1;
    private static final int CNAME = 5;
    private static final int AAAA = 28;
    private static final int INTERNET = 1;
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    private static final int RESPONSE = 1 << 15;
    private static final int OPERATION = 0xf << 11;
    private static final int RESPONSE_CODE = 0xf;

    private static final int MAX_RECORDS = 128;
    private static final int MAX_ALIASES = 16;

    private record Alias(String target, int ttlSeconds) {}

    private record Address(InetAddress address, int ttlSeconds) {}

    /** The records of an answer's answer section, by the name that they belong to. */
    private record Section(Map<String, Alias> aliases, Map<String, List<Address>> addresses) {}

    private AnswerParser() {}

    /**
     * Returns the queried name and its addresses. Returns empty if the message is a query or reports a failure, if the
     * query is not for A or AAAA records, or if the name has no addresses. If the message is truncated, only the
     * records that it contains completely are used.
     *
     * @throws MalformedMessageException if the header or the question cannot be read
     */
    static Optional<DnsResolution> parse(byte[] message) throws MalformedMessageException {
        MessageReader reader = new MessageReader(message);
        reader.skip(Short.BYTES);
        int flags = reader.unsignedShort();
        int questions = reader.unsignedShort();
        int answers = reader.unsignedShort();
        reader.skip(2 * Short.BYTES);
        if ((flags & RESPONSE) == 0 || (flags & (OPERATION | RESPONSE_CODE)) != 0 || questions != 1) {
            return Optional.empty();
        }
        String name = reader.name();
        int type = reader.unsignedShort();
        int questionClass = reader.unsignedShort();
        if (name.isEmpty() || questionClass != INTERNET || (type != A && type != AAAA)) {
            return Optional.empty();
        }
        return follow(name, section(reader, type, Math.min(answers, MAX_RECORDS)));
    }

    private static Section section(MessageReader reader, int type, int records) {
        Section section = new Section(new HashMap<>(), new HashMap<>());
        try {
            for (int index = 0; index < records; index++) {
                record(reader, type, section);
            }
        } catch (MalformedMessageException endsHere) {
            // The message is truncated or malformed here. The records before this one are used.
            return section;
        }
        return section;
    }

    private static void record(MessageReader reader, int type, Section section) throws MalformedMessageException {
        String owner = reader.name();
        int recordType = reader.unsignedShort();
        int recordClass = reader.unsignedShort();
        int ttlSeconds = reader.timeToLive();
        int length = reader.unsignedShort();
        if (length > reader.remaining()) {
            throw new MalformedMessageException("unexpected end of message");
        }
        int end = reader.position() + length;
        if (recordClass != INTERNET) {
            reader.skip(length);
        } else if (recordType == CNAME) {
            String target = reader.name();
            if (reader.position() != end) {
                throw new MalformedMessageException("alias of another length");
            }
            section.aliases().putIfAbsent(owner, new Alias(target, ttlSeconds));
        } else if (recordType == type && length == (type == A ? IPV4_BYTES : IPV6_BYTES)) {
            section.addresses()
                    .computeIfAbsent(owner, absent -> new ArrayList<>())
                    .add(new Address(address(reader.bytes(length)), ttlSeconds));
        } else {
            reader.skip(length);
        }
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("4 or 16 bytes", impossible);
        }
    }

    private static Optional<DnsResolution> follow(String name, Section section) {
        String owner = name;
        int ttlSeconds = Integer.MAX_VALUE;
        for (int aliases = 0; aliases <= MAX_ALIASES; aliases++) {
            List<Address> found = section.addresses().get(owner);
            if (found != null) {
                int least = found.stream().mapToInt(Address::ttlSeconds).reduce(ttlSeconds, Math::min);
                return Optional.of(new DnsResolution(
                        name, found.stream().map(Address::address).distinct().toList(), least));
            }
            Alias alias = section.aliases().get(owner);
            if (alias == null) {
                return Optional.empty();
            }
            owner = alias.target();
            ttlSeconds = Math.min(ttlSeconds, alias.ttlSeconds());
        }
        return Optional.empty();
    }
}
