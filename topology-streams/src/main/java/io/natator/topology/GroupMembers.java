package io.natator.topology;

import java.net.URI;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/**
 * Finds the other instances of the consumer group. This instance queries them to answer API requests for the whole
 * cluster.
 *
 * @param streams null before the stream is created; not closed here
 * @param advertised address at which the other instances reach this one, {@code host:port}
 * @param scheme {@code http} or {@code https}, the same for all instances
 */
record GroupMembers(Supplier<@Nullable KafkaStreams> streams, String advertised, String scheme) {
    /** The base URIs of the other instances that this instance knows; empty while the stream is not running. */
    List<URI> others() {
        KafkaStreams running = streams.get();
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
}
