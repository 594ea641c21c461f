package io.natator.topology.identity;

/**
 * What a connection can still expect after it was named.
 *
 * @param waits whether the connection is not counted yet, because something that gives a better name is on its way: the
 *     report of the other end, an identity, or a look-up of an external name. It waits at most {@code --settle-after}
 * @param canImprove whether identities that are read later can give better names. The report of another end can always
 */
public record Expectation(boolean waits, boolean canImprove) {}
