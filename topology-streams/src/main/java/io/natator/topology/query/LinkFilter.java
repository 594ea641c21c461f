package io.natator.topology.query;

import io.natator.schemas.LinkKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Filters links by the names of their ends. */
public final class LinkFilter {
    static final List<String> PARAMETERS = List.of("client", "server", "namespace", "cluster");

    private LinkFilter() {}

    /**
     * Parses a query string that contains only parameters of the filter; other parameters are wrong.
     *
     * @param query the query string, null if there is none
     * @throws IllegalArgumentException if a parameter is wrong; the message is one line that says what to correct
     */
    public static Predicate<LinkKey> of(@Nullable String query) {
        return of(QueryParameters.of(query, PARAMETERS));
    }

    static Predicate<LinkKey> of(QueryParameters parameters) {
        Optional<String> client = parameters.text("client");
        Optional<String> server = parameters.text("server");
        Optional<String> namespace = parameters.text("namespace");
        Optional<String> cluster = parameters.text("cluster");
        return link -> isOrAny(client, link.getClient().getName())
                && isOrAny(server, link.getServer().getName())
                && (isOrAny(namespace, link.getClient().getNamespace())
                        || isOrAny(namespace, link.getServer().getNamespace()))
                && (isOrAny(cluster, link.getClient().getCluster())
                        || isOrAny(cluster, link.getServer().getCluster()));
    }

    private static boolean isOrAny(Optional<String> wanted, String name) {
        return wanted.isEmpty() || wanted.get().equals(name);
    }
}
