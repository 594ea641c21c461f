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
 * Logs when lists and watches start to fail and when they recover. A failure that affects all resources is logged once;
 * any other failure is logged once per resource. Repeated failures are logged at DEBUG. Thread-safe.
 */
final class WatchFailureLog {
    private static final Logger log = LoggerFactory.getLogger(WatchFailureLog.class);

    /** A list or watch that fails. */
    private record Failing(KindWatch watch, String verb) {}

    private final Map<ApiException.Failure, Set<Failing>> failing = new EnumMap<>(ApiException.Failure.class);
    private final Supplier<String> credentials;

    /** @param credentials returns a description of where the credentials come from */
    WatchFailureLog(Supplier<String> credentials) {
        this.credentials = credentials;
    }

    /** @param verb list or watch */
    synchronized void onFailure(KindWatch watch, String verb, ApiException e) {
        Set<Failing> alike = failing.computeIfAbsent(e.failure(), kind -> new HashSet<>());
        boolean known = affectsAll(e.failure())
                ? !alike.isEmpty()
                : alike.stream().anyMatch(other -> other.watch().equals(watch));
        alike.add(new Failing(watch, verb));
        var line = log.atLevel(known ? Level.DEBUG : Level.WARN)
                .addKeyValue("verb", verb)
                .addKeyValue("resource", watch.kind().resource())
                .addKeyValue("namespace", watch.namespace().isEmpty() ? "all" : watch.namespace());
        if (e.failure() == ApiException.Failure.UNAUTHORIZED) {
            line = line.addKeyValue("credentials", credentials.get());
        }
        line.addKeyValue("reason", e.reason()).log(messageFor(e.failure()));
    }

    private static boolean affectsAll(ApiException.Failure failure) {
        return switch (failure) {
            case UNREACHABLE, UNAUTHORIZED -> true;
            case FORBIDDEN, NOT_SERVED, GONE, WRONG_REQUEST, UNAVAILABLE, UNREADABLE -> false;
        };
    }

    private static String messageFor(ApiException.Failure failure) {
        return switch (failure) {
            case UNREACHABLE ->
                "Cannot reach the API server: the request is retried until it succeeds; no data is lost";
            case UNAUTHORIZED ->
                "The API server does not accept the credentials: renew them; the request is retried with the renewed"
                        + " ones";
            case FORBIDDEN ->
                "The API server refuses a resource: grant the verbs list and watch on it; the request is retried";
            case NOT_SERVED -> "The API server does not serve a resource: the request is retried until it does";
            case GONE -> "The version of a list expired before the list was complete: the list is started again";
            case WRONG_REQUEST -> "The API server rejects a request as invalid: it is retried: please report this";
            case UNAVAILABLE ->
                "The API server is unavailable for a resource: the request is retried until it succeeds";
            case UNREADABLE ->
                "A response of the API server cannot be parsed: the request is retried: please report this";
        };
    }

    /** Called when a list of the kind has succeeded. */
    synchronized void onListed(KindWatch watch) {
        onRecovered(new Failing(watch, "list"));
    }

    /** Called when a watch of the kind has opened. */
    synchronized void onWatched(KindWatch watch) {
        onRecovered(new Failing(watch, "watch"));
    }

    private void onRecovered(Failing was) {
        failing.forEach((failure, alike) -> {
            if (alike.remove(was) && (!affectsAll(failure) || alike.isEmpty())) {
                log.atInfo()
                        .addKeyValue("verb", was.verb())
                        .addKeyValue("resource", was.watch().kind().resource())
                        .log("The API server answers again");
            }
        });
    }
}
