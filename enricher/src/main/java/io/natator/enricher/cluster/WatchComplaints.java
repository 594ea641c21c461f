package io.natator.enricher.cluster;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs failures of lists and watches, and their end: what concerns one resource per resource, what concerns all of them
 * once. Thread-safe.
 */
final class WatchComplaints {
    private static final Logger log = LoggerFactory.getLogger(WatchComplaints.class);

    /** Who fails to list or watch for which cause. */
    private record Failing(KindWatch watch, String verb) {}

    private final Map<ApiException.Cause, Set<Failing>> failing = new EnumMap<>(ApiException.Cause.class);
    private final Supplier<String> credentials;

    /** @param credentials where the credentials come from */
    WatchComplaints(Supplier<String> credentials) {
        this.credentials = credentials;
    }

    /** @param verb what the API server was asked for: list or watch */
    synchronized void failed(KindWatch watch, String verb, ApiException e) {
        Set<Failing> alike = failing.computeIfAbsent(e.kind(), kind -> new HashSet<>());
        boolean known = concernsAll(e.kind())
                ? !alike.isEmpty()
                : alike.stream().anyMatch(other -> other.watch().equals(watch));
        alike.add(new Failing(watch, verb));
        var line = log.atLevel(known ? Level.DEBUG : Level.WARN)
                .addKeyValue("verb", verb)
                .addKeyValue("resource", watch.kind().resource())
                .addKeyValue("namespace", watch.namespace().isEmpty() ? "all" : watch.namespace());
        if (e.kind() == ApiException.Cause.UNAUTHORIZED) {
            line = line.addKeyValue("credentials", credentials.get());
        }
        line.addKeyValue("reason", e.reason()).log(text(e.kind()));
    }

    private static boolean concernsAll(ApiException.Cause cause) {
        return switch (cause) {
            case UNREACHABLE, UNAUTHORIZED -> true;
            case FORBIDDEN, NOT_SERVED, GONE, WRONG_REQUEST, UNAVAILABLE, UNREADABLE -> false;
        };
    }

    private static String text(ApiException.Cause cause) {
        return switch (cause) {
            case UNREACHABLE -> "Cannot reach the API server: it is asked again until it answers, nothing is lost";
            case UNAUTHORIZED ->
                "The API server does not accept the credentials: renew them; it is asked again until then, with what"
                        + " their source has by then";
            case FORBIDDEN ->
                "The API server refuses a resource: grant the verbs list and watch on it; it is asked again until then";
            case NOT_SERVED -> "The API server does not serve a resource: it is asked again until it does";
            case GONE -> "A list took longer than the API server keeps its version: it is started again";
            case WRONG_REQUEST -> "The API server takes a request for wrong: it is repeated: please report this";
            case UNAVAILABLE -> "The API server cannot answer for a resource: it is asked again until it can";
            case UNREADABLE -> "An answer of the API server cannot be read: it is asked again: please report this";
        };
    }

    /** The kind was listed. */
    synchronized void listed(KindWatch watch) {
        recovered(new Failing(watch, "list"));
    }

    /** The kind is watched. */
    synchronized void watched(KindWatch watch) {
        recovered(new Failing(watch, "watch"));
    }

    private void recovered(Failing was) {
        failing.forEach((cause, alike) -> {
            if (alike.remove(was) && (!concernsAll(cause) || alike.isEmpty())) {
                log.atInfo()
                        .addKeyValue("verb", was.verb())
                        .addKeyValue("resource", was.watch().kind().resource())
                        .log("The API server answers again");
            }
        });
    }
}
