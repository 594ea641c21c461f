package io.natator.topology.identity;

/**
 * What a connection can still expect after it was named.
 *
 * @param waits whether the connection is not counted yet, because something that gives a better name is on its way: the
 *     report of the other end, an identity, or a look-up of an external name. It waits at most {@code --settle-after}
 * @param canImprove whether identities that are read later can give better names. The report of another end can always
 * @param otherEndReports whether the other end is reported too, or can be reported later. For a UDP flow that the server
 *     reported: whether the client is certainly reported too. For a UDP flow that the client reported: always false,
 *     because the ledger does not wait for the server's report
 */
public record Expectation(boolean waits, boolean canImprove, boolean otherEndReports) {}
