package io.natator.topology;

import com.sun.net.httpserver.HttpHandler;
import io.natator.http.Answers;
import io.natator.http.HttpService;
import io.natator.http.HttpSettings;
import io.natator.http.PeerClient;
import io.natator.schemas.TopicSerdes;
import io.natator.topology.link.LinkReader;
import io.natator.topology.link.WindowSettings;
import io.natator.topology.query.LinkFilter;
import io.natator.topology.query.LinkJson;
import io.natator.topology.query.LinkQueryHandlers;
import io.natator.topology.query.OtherInstances;
import io.natator.topology.query.TimeRange;
import io.natator.topology.sse.LinkEventsHandler;
import io.natator.topology.state.TopologyStatistics;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/** The HTTP server of one instance: metrics, health and API. It runs from its construction until it is closed. */
final class TopologyHttp implements AutoCloseable {
    private static final Duration PEER_CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration PEER_TIMEOUT = Duration.ofSeconds(5);

    private final Group group;
    private final HttpService service;
    private final OtherInstances instances;
    private final LinkEventsHandler events;
    private final String advertised;
    private final String scheme;

    /**
     * The group of instances.
     *
     * @param streams null before the stream is created; not closed here
     * @param partitions number of partitions, 0 while it is unknown
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
        this.group = group;
        HttpSettings settings = config.http().server();
        scheme = settings.scheme();
        service = new HttpService(settings);
        advertised = AdvertisedAddress.of(config.http().advertisedAddress(), settings, service.port());
        instances = new OtherInstances(new PeerClient(settings, PEER_CONNECT_TIMEOUT), this::others, PEER_TIMEOUT);
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
                readiness::apiUnavailable,
                availableWindows(config.links().windows()));
        service.guarded("/metrics", metrics)
                .open("/healthz", Answers.health(readiness::failure))
                .open("/readyz", Answers.health(readiness::notReady))
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

    private static TimeRange.AvailableWindows availableWindows(WindowSettings windows) {
        return new TimeRange.AvailableWindows(
                windows.size(), windows.grace(), windows.retention(), InstantSource.system());
    }

    int port() {
        return service.port();
    }

    /** The address at which the other instances reach this one, {@code host:port}. */
    String advertised() {
        return advertised;
    }

    /** The other members of the group that this one knows. */
    private List<URI> others() {
        KafkaStreams running = group.streams().get();
        if (running == null || !running.state().isRunningOrRebalancing()) {
            return List.of();
        }
        HostInfo own = HostInfo.buildFromEndpoint(advertised);
        return running.metadataForAllStreamsClients().stream()
                .map(StreamsMetadata::hostInfo)
                .filter(instance -> !instance.equals(own) && !instance.equals(HostInfo.unavailable()))
                .map(instance -> AdvertisedAddress.uri(scheme, instance))
                .distinct()
                .toList();
    }

    @Override
    public void close() {
        events.close();
        service.close();
        instances.close();
    }
}
