package io.natator.bench.names;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The enrichers' requests in the API server's audit log. */
final class RequestLog {
    /**
     * Pseudo-verb of a list with {@code limit=1}. An enricher that is not the leader sends it to check whether it may
     * read the kind.
     */
    static final String PROBE = "probe";
    /** Pseudo-verb of a list's second and later pages. */
    static final String PAGE = "page";

    private static final Pattern PROBED = Pattern.compile("[?&]limit=1(&|$)");
    private static final Pattern CONTINUED = Pattern.compile("[?&]continue=[^&]");

    /**
     * A request with a response.
     *
     * @param verb of Kubernetes; of a list also {@link #PROBE} or {@link #PAGE}
     */
    record Request(Instant at, String verb, String resource, int status) {}

    private final Path file;

    /** @param file the audit log, written with the bench's audit policy */
    RequestLog(Path file) {
        this.file = file;
    }

    /** The requests of a period. A watch belongs to the time of its begin. */
    List<Request> between(Instant from, Instant until) {
        List<Request> found = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                JsonNode event = KubernetesApi.JSON.readTree(line);
                Request request = request(event);
                boolean counts = event.path("stage").asString().equals("ResponseStarted")
                        == request.verb().equals("watch");
                if (counts && !request.at().isBefore(from) && request.at().isBefore(until)) {
                    found.add(request);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static Request request(JsonNode event) {
        String uri = event.path("requestURI").asString();
        String verb = event.path("verb").asString();
        if (verb.equals("list") && PROBED.matcher(uri).find()) {
            verb = PROBE;
        } else if (verb.equals("list") && CONTINUED.matcher(uri).find()) {
            verb = PAGE;
        }
        return new Request(
                OffsetDateTime.parse(event.path("stageTimestamp").asString()).toInstant(),
                verb,
                event.path("objectRef").path("resource").asString(uri),
                event.path("responseStatus").path("code").asInt(0));
    }

    /** Numbers by verb and resource, in one line. */
    static String summary(List<Request> requests) {
        Map<String, Integer> counts = new TreeMap<>();
        requests.forEach(request -> counts.merge(request.verb() + " " + request.resource(), 1, Integer::sum));
        List<String> parts = new ArrayList<>();
        counts.forEach((what, number) -> parts.add(number + " " + what));
        return parts.isEmpty() ? "none" : String.join(", ", parts);
    }
}
