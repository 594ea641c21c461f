package io.natator.collector.dns;

import java.net.InetAddress;
import java.util.List;

/**
 * The result of a DNS lookup.
 *
 * @param name the queried name in lower case, without a dot at the end; 1 to 253 characters of a to z, 0 to 9, '-', '_'
 *     and '.'
 * @param addresses the addresses of the name, at least one
 * @param ttlSeconds the smallest time to live among the records that led to the addresses, 0 to 2147483647
 */
record DnsResolution(String name, List<InetAddress> addresses, int ttlSeconds) {
    DnsResolution {
        addresses = List.copyOf(addresses);
    }
}
