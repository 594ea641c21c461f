package io.natator.topology;

import com.sun.net.httpserver.HttpHandler;
import io.natator.http.Answers;
import io.natator.http.HttpService;
import io.natator.http.HttpSettings;
import io.natator.schemas.TopicSerdes;
import io.natator.topology.link.LinkReader;
import io.natator.topology.query.AvailableWindows;
import io.natator.topology.query.Completeness;
import io.natator.topology.query.LinkFilter;
import io.natator.topology.query.LinkJson;
import io.natator.topology.query.LinkQueryHandlers;
import io.natator.topology.query.OtherInstances;
import io.natator.topology.sse.LinkEventsHandler;
import io.natator.topology.statistics.TopologyStatistics;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server of one instance. It defines the paths of metrics, health checks and API, and which of them require
 * authentication. The constructor starts the server; {@link #close} stops it.
 */
final class TopologyHttp implements AutoCloseable {
    private final HttpService service;
    private final OtherInstances instances;
    private final LinkEventsHandler events;
    private final String advertised;

    /**
     * The stream of this instance, and the total number of partitions.
     *
     * @param streams null before the stream is created; not closed here
     * @param partitions number of partitions of the topic {@code connections}; 0 while it is unknown
     */
    record Group(Supplier<@Nullable KafkaStreams> streams, IntSupplier partitions) {}

    /** @throws IOException if the server cannot start; the message is one line with the reason */
    TopologyHttp(
            TopologyConfig config,
            HttpHandler metrics,
            LinkReader reader,
            Readiness readiness,
            Group group,
            TopicSerdes serdes,
            TopologyStatistics statistics)
            throws IOException {
        HttpSettings settings = config.http().server();
        service = new HttpService(settings);
        advertised = AdvertisedAddress.of(config.http().advertisedAddress(), settings, service.port());
        instances =
                new OtherInstances(settings, new GroupMembers(group.streams(), advertised, settings.scheme())::others);
        events = new LinkEventsHandler(
                clientConfig(config),
                config.kafka().topicPrefix(),
                serdes,
                LinkFilter::of,
                LinkJson::text,
                statistics.disconnectedClients);
        var links = new LinkQueryHandlers(
                reader,
                instances,
                group.partitions(),
                new Completeness(readiness::apiUnavailable, readiness::warning),
                new AvailableWindows(config.links().windows(), InstantSource.system()));
        service.guarded("/metrics", metrics)
                .open("/healthz", Answers.health(readiness::failure))
                .open("/readyz", Answers.health(readiness::notReady, readiness::warning))
                .guarded("/api/links", links.list())
                .guarded("/api/graph", links.graph())
                .guarded("/api/events", events)
                .guarded(OtherInstances.PATH, links.own())
                .start();
    }

    private static Map<String, Object> clientConfig(TopologyConfig config) {
        Map<String, Object> settings = new HashMap<>(config.kafka().clientProperties());
        settings.put(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
        return settings;
    }

    int port() {
        return service.port();
    }

    /** The address at which the other instances reach this one, as {@code host:port}. */
    String advertised() {
        return advertised;
    }

    @Override
    public void close() {
        events.close();
        service.close();
        instances.close();
    }
}
