package io.natator.topology.link;

/**
 * Limits the number of Prometheus series of links. A share of the limit is reserved for address prefixes (sums of links
 * whose external addresses have the same prefix). A link above the limit whose external end has no name is counted in
 * the series of its address prefix. All other links above the limit are counted in one sum. {@link #builder} names the
 * numbers at construction.
 *
 * @param limit maximum number of series, prefixes included
 * @param prefixPercent share of the limit that is reserved for prefixes, in percent; 0 for no prefixes
 * @param ipv4PrefixLength length of the prefix of an IPv4 address, 0 to 32 bits
 * @param ipv6PrefixLength length of the prefix of an IPv6 address, 0 to 128 bits
 */
public record SeriesLimits(int limit, int prefixPercent, int ipv4PrefixLength, int ipv6PrefixLength) {
    /** A builder in which all numbers are 0 at first. */
    public static Builder builder() {
        return new Builder();
    }

    /** The limits of one partition: an equal share of these limits, rounded up. */
    public SeriesLimits perPartition(int partitions) {
        return builder()
                .limit(Math.ceilDiv(limit, Math.max(1, partitions)))
                .prefixPercent(prefixPercent)
                .ipv4PrefixLength(ipv4PrefixLength)
                .ipv6PrefixLength(ipv6PrefixLength)
                .build();
    }

    int prefixes() {
        return Math.toIntExact((long) limit * prefixPercent / 100);
    }

    int links() {
        return limit - prefixes();
    }

    boolean admitsLink(SeriesInUse inUse) {
        return inUse.links() < links() && inUse.total() < limit;
    }

    boolean admitsPrefix(SeriesInUse inUse) {
        return inUse.prefixes() < prefixes() && inUse.total() < limit;
    }

    /**
     * Numbers of series that one partition has now.
     *
     * @param links number of links with their own series
     * @param prefixes number of address prefixes with their own series
     */
    record SeriesInUse(int links, int prefixes) {
        int total() {
            return links + prefixes;
        }
    }

    public static final class Builder {
        private int limit;
        private int prefixPercent;
        private int ipv4PrefixLength;
        private int ipv6PrefixLength;

        private Builder() {}

        public Builder limit(int series) {
            limit = series;
            return this;
        }

        public Builder prefixPercent(int percent) {
            prefixPercent = percent;
            return this;
        }

        public Builder ipv4PrefixLength(int bits) {
            ipv4PrefixLength = bits;
            return this;
        }

        public Builder ipv6PrefixLength(int bits) {
            ipv6PrefixLength = bits;
            return this;
        }

        public SeriesLimits build() {
            return new SeriesLimits(limit, prefixPercent, ipv4PrefixLength, ipv6PrefixLength);
        }
    }
}
