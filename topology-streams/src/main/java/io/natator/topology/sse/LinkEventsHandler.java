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
 * {@code GET /api/events}: server-sent events {@code added}, {@code changed} and {@code retired}, of the links of the whole
 * cluster; a comment once in a while where there is nothing to tell. Whoever reconnects reads the links anew: events that
 * were missed are not told again.
 */
public final class LinkEventsHandler implements HttpHandler, AutoCloseable {
    /** The longest silence: proxies end connections that are silent for a minute. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private static final String BEGIN = "retry: 5000\n: natator\n\n";
    private static final String HEARTBEAT_COMMENT = ": nothing new\n\n";

    private final Subscribers subscribers;
    private final LinkTopicReader reader;
    private final Function<@Nullable String, Predicate<LinkKey>> filters;
    private final Duration heartbeat;

    /**
     * Bounds.
     *
     * @param clients at once, at most
     * @param queueLength events that wait for one client, at most
     * @param interval a link is told of once in it, at most
     * @param heartbeat the longest silence
     */
    record Limits(int clients, int queueLength, Duration interval, Duration heartbeat) {
        static final Limits DEFAULT = new Limits(100, 10_000, Duration.ofSeconds(1), HEARTBEAT);
    }

    /**
     * A handler that reads nothing as long as nobody listens.
     *
     * @param clientConfig of the Kafka client, with its servers
     * @param filters makes a filter of a query; {@link IllegalArgumentException} says what is wrong with it
     * @param text what is told of a link, in one line; its totals are null if it is retired
     * @param dropped counts clients that did not keep up
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

    /** How many listen now. */
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
            Answers.text(exchange, 503, "as many listen as may: try again later, or ask another instance");
            return;
        }
        try {
            exchange.sendResponseHeaders(200, 0);
            reader.start();
            stream(exchange.getResponseBody(), subscriber.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // disconnected, or the end
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
