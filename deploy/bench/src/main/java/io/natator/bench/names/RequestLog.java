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

/** Reads the enrichers' requests from the API server's audit log. */
final class RequestLog {
    /**
     * The verb under which lists with {@code limit=1} are counted; not a verb of Kubernetes. An enricher that is not
     * the leader sends such a list to check whether it is allowed to read the kind.
     */
    static final String PROBE = "probe";
    /** The verb under which requests for the second and later pages of a list are counted; not a verb of Kubernetes. */
    static final String PAGE = "page";

    private static final Pattern PROBED = Pattern.compile("[?&]limit=1(&|$)");
    private static final Pattern CONTINUED = Pattern.compile("[?&]continue=[^&]");

    /**
     * A request to which the API server has responded.
     *
     * @param verb the verb in Kubernetes; for some requests of lists {@link #PROBE} or {@link #PAGE}
     */
    record Request(Instant at, String verb, String resource, int status) {}

    private final Path file;

    /** @param file the audit log, written with the bench's audit policy */
    RequestLog(Path file) {
        this.file = file;
    }

    /** Returns the requests of a period. A watch belongs to the period in which it begins. */
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

    /** Describes the number of requests by verb and resource, in one line. */
    static String summary(List<Request> requests) {
        Map<String, Integer> counts = new TreeMap<>();
        requests.forEach(request -> counts.merge(request.verb() + " " + request.resource(), 1, Integer::sum));
        List<String> parts = new ArrayList<>();
        counts.forEach((what, number) -> parts.add(number + " " + what));
        return parts.isEmpty() ? "none" : String.join(", ", parts);
    }
}
