package io.natator.topology.query;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.natator.http.Answers;
import io.natator.topology.link.LinkReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.function.IntSupplier;

/**
 * The handlers of the query API. All handlers have the same parameters. {@code limit} is the maximum number of links,
 * see {@link QueryLoadLimits}. {@code sort} names the order; the largest or latest links are first. {@code client} and
 * {@code server} are exact names of workloads, and {@code namespace} is the namespace of either end. With {@code from}
 * and {@code to}, only the time windows in this range are counted. Without them, all traffic since the link was first
 * seen is counted.
 */
public final class LinkQueryHandlers {
    private final ClusterLinks links;
    private final AvailableWindows windows;

    LinkQueryHandlers(ClusterLinks links, AvailableWindows windows) {
        this.links = links;
        this.windows = windows;
    }

    /**
     * Creates the handlers.
     *
     * @param reader reads the links of this instance's partitions
     * @param peers the other instances; not closed here
     * @param partitions number of partitions of all instances together
     * @param completeness what an answer lacks
     * @param windows decides which ranges of time can be queried
     */
    public LinkQueryHandlers(
            LinkReader reader,
            OtherInstances peers,
            IntSupplier partitions,
            Completeness completeness,
            AvailableWindows windows) {
        this(new ClusterLinks(LocalLinks.of(reader), peers::ask, partitions, completeness), windows);
    }

    /** Handler of {@code /api/links}, which returns links as a list. */
    public HttpHandler list() {
        return new QueryHandler(links, windows, answer -> LinkJson.list(answer.links()));
    }

    /** Handler of {@code /api/graph}, which returns links as a graph of workloads. */
    public HttpHandler graph() {
        return new QueryHandler(links, windows, answer -> LinkJson.graph(answer.links()));
    }

    /** Handler of {@link OtherInstances#PATH}, where the other instances read the partitions of this instance. */
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
