package io.natator.topology.link;

/**
 * How many series links have, and what becomes of those beyond. A share of them is kept for address prefixes: a link that
 * finds no place, and whose end outside the cluster has no name but its address, is counted under the prefix of that
 * address; what finds no place there either is summed as one.
 *
 * @param limit how many there are, prefixes included
 * @param prefixPercent how many of a hundred are for prefixes, 0 for none
 * @param ipv4PrefixLength bits of an IPv4 address that make its prefix, 0 to 32
 * @param ipv6PrefixLength bits of an IPv6 address that make its prefix, 0 to 128
 */
public record SeriesLimits(int limit, int prefixPercent, int ipv4PrefixLength, int ipv6PrefixLength) {
    /** The same with another limit. */
    public SeriesLimits withLimit(int other) {
        return new SeriesLimits(other, prefixPercent, ipv4PrefixLength, ipv6PrefixLength);
    }

    /** The share of one of so many partitions, rounded up. */
    public SeriesLimits perPartition(int partitions) {
        return withLimit(Math.ceilDiv(limit, Math.max(1, partitions)));
    }

    /** How many prefixes have series of their own. */
    int prefixes() {
        return Math.toIntExact((long) limit * prefixPercent / 100);
    }

    /** How many links have series of their own. */
    int links() {
        return limit - prefixes();
    }
}
