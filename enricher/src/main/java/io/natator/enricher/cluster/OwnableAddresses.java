package io.natator.enricher.cluster;

import io.natator.schemas.IpAddresses;
import java.net.InetAddress;
import java.util.Optional;

/** Decides which addresses an object can own, and formats them as the topic's keys do. */
final class OwnableAddresses {
    private OwnableAddresses() {}

    /**
     * Parses an address. Returns empty if the text is no IP address, or if nobody can own the address (unspecified,
     * loopback, multicast).
     */
    static Optional<String> parse(String text) {
        boolean dotted = text.indexOf(':') < 0;
        // Reject "10.1" and "fe80::1%eth0": Java would parse them, but no API server accepts them.
        if (text.indexOf('%') >= 0
                || (dotted && text.chars().filter(c -> c == '.').count() != 3)) {
            return Optional.empty();
        }
        try {
            return format(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Formats an address. Returns empty if nobody can own the address. */
    static Optional<String> format(InetAddress address) {
        return address.isAnyLocalAddress() || address.isLoopbackAddress() || address.isMulticastAddress()
                ? Optional.empty()
                : Optional.of(IpAddresses.format(address.getAddress()));
    }
}
