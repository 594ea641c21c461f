package io.natator.topology.query;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.natator.http.Answers;
import io.natator.topology.metrics.LinkReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * What is answered about links. Parameters of all of them: {@code limit} (10,000 unless told otherwise), {@code sort} (what
 * there is most of, or latest, first), {@code client} and {@code server} (exact names), {@code namespace} (of either
 * party), {@code from} and {@code to} (what happened in the windows of this range, instead of since ever).
 */
public final class LinkQueryHandlers {
    private final ClusterLinks links;
    private final TimeRange.AvailableWindows windows;

    LinkQueryHandlers(ClusterLinks links, TimeRange.AvailableWindows windows) {
        this.links = links;
        this.windows = windows;
    }

    /**
     * Handlers.
     *
     * @param reader of this instance's partitions
     * @param peers the other instances; not closed here
     * @param partitions how many there are, in all instances together
     * @param hindrance why nothing can be read at all, empty if it can
     */
    public LinkQueryHandlers(
            LinkReader reader,
            OtherInstances peers,
            IntSupplier partitions,
            Supplier<Optional<String>> unavailable,
            TimeRange.AvailableWindows windows) {
        this(new ClusterLinks(LocalLinks.of(reader), peers::ask, partitions, unavailable), windows);
    }

    /** {@code /api/links}: a list. */
    public HttpHandler list() {
        return new QueryHandler(links, windows, answer -> LinkJson.list(answer.links()));
    }

    /** {@code /api/graph}: a graph of workloads. */
    public HttpHandler graph() {
        return new QueryHandler(links, windows, answer -> LinkJson.graph(answer.links()));
    }

    /** {@link OtherInstances#PATH}: the partitions of this instance, for the others. */
    public HttpHandler own() {
        return this::own;
    }

    private void own(HttpExchange exchange) throws IOException {
        try {
            LinkQuery query = LinkQuery.of(exchange.getRequestURI().getRawQuery(), windows);
            var body = new ByteArrayOutputStream();
            PartitionLinks.write(links.ownPartitions(query), new DataOutputStream(body));
            Answers.send(exchange, 200, "application/octet-stream", body.toByteArray());
        } catch (IllegalArgumentException e) {
            Answers.text(exchange, 400, String.valueOf(e.getMessage()));
        } catch (ClusterLinks.UnavailableException e) {
            Answers.text(exchange, 503, String.valueOf(e.getMessage()));
        }
    }
}
