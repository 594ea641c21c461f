package io.natator.topology.sse;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.natator.http.Answers;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.TopicSerdes;
import io.natator.topology.sse.Subscribers.Subscriber;
import io.natator.topology.state.Counter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/events}: server-sent events {@code added}, {@code changed} and {@code retired} of the links of the
 * whole cluster. Without events, a comment is sent periodically. Missed events are not repeated: a client that
 * reconnects has to read the links again.
 */
public final class LinkEventsHandler implements HttpHandler, AutoCloseable {
    /** Time between comments: proxies close connections that are silent for a minute. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private static final String BEGIN = "retry: 5000\n: natator\n\n";
    private static final String HEARTBEAT_COMMENT = ": nothing new\n\n";

    private final Subscribers subscribers;
    private final LinkTopicReader reader;
    private final Function<@Nullable String, Predicate<LinkKey>> filters;
    private final Duration heartbeat;

    /**
     * Limits of clients and events.
     *
     * @param clients maximum number of clients at once
     * @param queueLength maximum number of events that wait for one client
     * @param interval a link has at most one event in it
     * @param heartbeat a comment is sent if there is no event for this long
     */
    record Limits(int clients, int queueLength, Duration interval, Duration heartbeat) {
        static final Limits DEFAULT = new Limits(100, 10_000, Duration.ofSeconds(1), HEARTBEAT);
    }

    /**
     * A handler that reads nothing until a client connects.
     *
     * @param clientConfig of the Kafka client, with its servers
     * @param filters parses the query to a filter of links; throws {@link IllegalArgumentException} with the reason if
     *     it cannot
     * @param text formats a link as one line; the totals are null if it is retired
     * @param disconnected counts clients that were disconnected because they read too slowly
     */
    public LinkEventsHandler(
            Map<String, Object> clientConfig,
            String topicPrefix,
            TopicSerdes serdes,
            Function<@Nullable String, Predicate<LinkKey>> filters,
            BiFunction<LinkKey, @Nullable LinkTotals, String> text,
            Counter disconnected) {
        this(clientConfig, topicPrefix, serdes, filters, text, disconnected, Limits.DEFAULT);
    }

    LinkEventsHandler(
            Map<String, Object> clientConfig,
            String topicPrefix,
            TopicSerdes serdes,
            Function<@Nullable String, Predicate<LinkKey>> filters,
            BiFunction<LinkKey, @Nullable LinkTotals, String> text,
            Counter disconnected,
            Limits limits) {
        subscribers = new Subscribers(limits.clients(), limits.queueLength(), disconnected);
        reader = new LinkTopicReader(clientConfig, topicPrefix, serdes, subscribers, limits.interval(), text);
        heartbeat = limits.heartbeat();
        this.filters = filters;
    }

    /** The number of connected clients. */
    public int clients() {
        return subscribers.size();
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Predicate<LinkKey> filter;
        try {
            filter = filters.apply(exchange.getRequestURI().getRawQuery());
        } catch (IllegalArgumentException e) {
            Answers.text(exchange, 400, String.valueOf(e.getMessage()));
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        Optional<Subscriber> subscriber = subscribers.subscribe(filter);
        if (subscriber.isEmpty()) {
            exchange.getResponseHeaders().set("Retry-After", "60");
            Answers.text(
                    exchange,
                    503,
                    "the maximum number of clients is connected: try again later, or ask another instance");
            return;
        }
        try {
            exchange.sendResponseHeaders(200, 0);
            reader.start();
            stream(exchange.getResponseBody(), subscriber.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the client was too slow, or the instance stops
        } finally {
            subscribers.unsubscribe(subscriber.get());
        }
    }

    private void stream(OutputStream body, Subscriber subscriber) throws IOException, InterruptedException {
        write(body, BEGIN);
        while (true) {
            @Nullable String event = subscriber.next(heartbeat.toMillis());
            write(body, event == null ? HEARTBEAT_COMMENT : event);
        }
    }

    private static void write(OutputStream body, String text) throws IOException {
        body.write(text.getBytes(StandardCharsets.UTF_8));
        body.flush();
    }

    @Override
    public void close() {
        subscribers.disconnectAll();
        reader.close();
    }
}
