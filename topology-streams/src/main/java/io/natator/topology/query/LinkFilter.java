package io.natator.topology.query;

import io.natator.schemas.LinkKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which links are meant, by the names of their parties. */
public final class LinkFilter {
    static final List<String> PARAMETERS = List.of("client", "server", "namespace");

    private LinkFilter() {}

    /**
     * The filter of a query that has nothing else.
     *
     * @param query as it came, null if there is none
     * @throws IllegalArgumentException with one line that says what is wrong and what would be right
     */
    public static Predicate<LinkKey> of(@Nullable String query) {
        return of(QueryParameters.of(query, PARAMETERS));
    }

    static Predicate<LinkKey> of(QueryParameters parameters) {
        Optional<String> client = parameters.text("client");
        Optional<String> server = parameters.text("server");
        Optional<String> namespace = parameters.text("namespace");
        return link -> isOrAny(client, link.getClient().getName())
                && isOrAny(server, link.getServer().getName())
                && (isOrAny(namespace, link.getClient().getNamespace())
                        || isOrAny(namespace, link.getServer().getNamespace()));
    }

    private static boolean isOrAny(Optional<String> wanted, String name) {
        return wanted.isEmpty() || wanted.get().equals(name);
    }
}
