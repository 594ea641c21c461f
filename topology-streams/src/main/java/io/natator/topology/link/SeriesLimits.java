package io.natator.topology.link;

/**
 * Limits the number of series of links. A share of the limit is reserved for address prefixes. A link above the limit
 * whose external end has no name is counted in the series of its address prefix; all other links above the limit are
 * counted in one sum.
 *
 * @param limit maximum number of series, prefixes included
 * @param prefixPercent share of the limit for prefixes in percent, 0 for no prefixes
 * @param ipv4PrefixLength length of the prefix of an IPv4 address, 0 to 32 bits
 * @param ipv6PrefixLength length of the prefix of an IPv6 address, 0 to 128 bits
 */
public record SeriesLimits(int limit, int prefixPercent, int ipv4PrefixLength, int ipv6PrefixLength) {
    /** The same rules with another limit. */
    public SeriesLimits withLimit(int other) {
        return new SeriesLimits(other, prefixPercent, ipv4PrefixLength, ipv6PrefixLength);
    }

    /** The limits of one partition of several, rounded up. */
    public SeriesLimits perPartition(int partitions) {
        return withLimit(Math.ceilDiv(limit, Math.max(1, partitions)));
    }

    /** Maximum number of prefixes with series. */
    int prefixes() {
        return Math.toIntExact((long) limit * prefixPercent / 100);
    }

    /** Maximum number of links with series of their own. */
    int links() {
        return limit - prefixes();
    }
}
