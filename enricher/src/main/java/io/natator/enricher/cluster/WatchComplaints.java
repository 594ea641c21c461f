package io.natator.enricher.cluster;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Logs failures of lists and watches: what needs a person per resource, an unreachable API server once. */
final class WatchComplaints {
    private static final Logger log = LoggerFactory.getLogger(WatchComplaints.class);

    private final Set<KindWatch> failing = new HashSet<>();
    private final Set<KindWatch> refused = new HashSet<>();

    /** True if asking again will not help before somebody changes something in the cluster. */
    static boolean isRefusal(Throwable thrown) {
        return thrown instanceof KubernetesClientException e
                && (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND);
    }

    /** @param verb what the API server was asked for: list or watch */
    synchronized void failed(KindWatch watch, String verb, Throwable thrown) {
        if (isRefusal(thrown)) {
            boolean first = refused.add(watch);
            log.atLevel(first ? Level.WARN : Level.DEBUG)
                    .addKeyValue("verb", verb)
                    .addKeyValue("resource", watch.kind().resource())
                    .addKeyValue("namespace", watch.namespace().isEmpty() ? "all" : watch.namespace())
                    .addKeyValue("reason", reason(thrown))
                    .log("The API server refuses a resource: grant the verbs list and watch on it; it is asked again"
                            + " until then");
            return;
        }
        boolean first = failing.isEmpty();
        failing.add(watch);
        log.atLevel(first ? Level.WARN : Level.DEBUG)
                .addKeyValue("verb", verb)
                .addKeyValue("resource", watch.kind().resource())
                .addKeyValue("reason", reason(thrown))
                .log("Cannot read from the API server: it is asked again until it answers, nothing is lost");
    }

    synchronized void recovered(KindWatch watch) {
        boolean wasRefused = refused.remove(watch);
        boolean wasFailing = failing.remove(watch);
        if (wasRefused || (wasFailing && failing.isEmpty())) {
            log.atInfo().addKeyValue("resource", watch.kind().resource()).log("The API server answers again");
        }
    }

    static String reason(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause instanceof KubernetesClientException e && e.getStatus() != null
                ? e.getStatus().getMessage()
                : cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
