package io.natator.topology.sse;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.natator.http.Answers;
import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.TopicSerdes;
import io.natator.topology.sse.Subscribers.Subscriber;
import io.natator.topology.statistics.Counter;
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
 * Handles {@code GET /api/events}: server-sent events when links of the whole cluster are {@code added},
 * {@code changed} or {@code retired}. While there are no events, a comment is sent periodically. Events that a client
 * misses are not repeated, so a client that reconnects must read all links again.
 */
public final class LinkEventsHandler implements HttpHandler, AutoCloseable {
    private static final String BEGIN = "retry: 5000\n: natator\n\n";
    private static final String HEARTBEAT_COMMENT = ": nothing new\n\n";

    private final Subscribers subscribers;
    private final LinkTopicReader reader;
    private final Function<@Nullable String, Predicate<LinkKey>> filters;
    private final Duration heartbeat;

    /**
     * Creates a handler. It reads nothing from Kafka until a client connects.
     *
     * @param clientConfig properties of the Kafka consumer, with its bootstrap servers
     * @param topicPrefix prefix of the names of topics
     * @param filters parses a query string (or null) to a filter of links; throws {@link IllegalArgumentException} with
     *     the reason if the query is wrong
     * @param text formats a link as one line of text; its totals are null if the link is retired
     * @param disconnected counts clients that were disconnected because they read too slowly
     */
    public LinkEventsHandler(
            Map<String, Object> clientConfig,
            String topicPrefix,
            TopicSerdes serdes,
            Function<@Nullable String, Predicate<LinkKey>> filters,
            BiFunction<LinkKey, @Nullable LinkTotals, String> text,
            Counter disconnected) {
        this(clientConfig, topicPrefix, serdes, filters, text, disconnected, EventLimits.DEFAULT);
    }

    LinkEventsHandler(
            Map<String, Object> clientConfig,
            String topicPrefix,
            TopicSerdes serdes,
            Function<@Nullable String, Predicate<LinkKey>> filters,
            BiFunction<LinkKey, @Nullable LinkTotals, String> text,
            Counter disconnected,
            EventLimits limits) {
        subscribers = new Subscribers(limits.clients(), limits.queueLength(), disconnected);
        reader = new LinkTopicReader(clientConfig, topicPrefix, serdes, subscribers, limits.interval(), text);
        heartbeat = limits.heartbeat();
        this.filters = filters;
    }

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
            // The client was disconnected because it was too slow, or because the instance is stopping.
            Thread.currentThread().interrupt();
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
