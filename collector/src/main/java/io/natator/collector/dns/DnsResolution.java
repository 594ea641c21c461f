package io.natator.collector.dns;

import java.net.InetAddress;
import java.util.List;

/**
 * What an answer of the DNS says of a name.
 *
 * @param name that was asked for, in lower case, without the dot of the root; 1 to 253 characters of a to z, 0 to 9, '-', '_'
 *     and '.'
 * @param addresses it has, at least one
 * @param ttlSeconds how long that holds: the least of the records that led there, 0 to 2147483647
 */
record DnsResolution(String name, List<InetAddress> addresses, int ttlSeconds) {
    DnsResolution {
        addresses = List.copyOf(addresses);
    }
}
