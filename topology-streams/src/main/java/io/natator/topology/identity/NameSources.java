package io.natator.topology.identity;

/** How the names of both ends of a link were found. */
public record NameSources(NameSource client, NameSource server) {
    public static final NameSources UNKNOWN = new NameSources(NameSource.UNKNOWN, NameSource.UNKNOWN);

    /** Whether neither end's source is less reliable than before. */
    public boolean isAtLeast(NameSources before) {
        return client.compareTo(before.client) >= 0 && server.compareTo(before.server) >= 0;
    }
}
