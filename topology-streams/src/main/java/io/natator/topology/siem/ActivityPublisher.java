package io.natator.topology.siem;

import io.natator.http.command.Version;
import io.natator.schemas.AvroSerde;
import io.natator.schemas.Identity;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.identity.Clusters;
import io.natator.topology.identity.ConnectionEnd;
import io.natator.topology.identity.StoredClusters;
import io.natator.topology.identity.StoredIdentities;
import io.natator.topology.ledger.Activity;
import io.natator.topology.ledger.ConnectionEvent;
import io.natator.topology.state.WriteBackCache;
import io.natator.topology.statistics.TopologyStatistics;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Publishes activity events as JSON, up to {@code --activity-limit} events per second. Events above the limit are
 * folded: all events of one link with the same activity are added up to one event. It has their number and traffic, but
 * no addresses and processes. The folded event is published as soon as the limit permits. Until then it is stored, so a
 * crash does not lose it. Each partition has its own object. Must be used by one thread.
 */
final class ActivityPublisher {
    private final ProcessorContext<String, byte[]> context;
    private final EventLimiter limiter;
    private final TopologyStatistics statistics;
    private final Clusters clusters;
    private final KeyValueStore<Bytes, FoldedActivity> folded;
    private final WriteBackCache<Bytes, FoldedActivity> values;
    private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();
    private final JsonMapper json = new JsonMapper();
    private final Function<NetworkActivity, Map<String, Object>> mapper;
    private int foldedKeys;

    ActivityPublisher(ProcessorContext<String, byte[]> context, ActivityProcessorSupplier supplier) {
        this.context = context;
        limiter = supplier.limiter();
        statistics = supplier.statistics();
        mapper = mapper(supplier.settings().format());
        clusters = new StoredClusters(
                context.getStateStore(StoredIdentities.STORE), statistics, context::currentSystemTimeMs);
        folded = context.getStateStore(ActivityProcessor.FOLDED);
        values = new WriteBackCache<>(folded, FoldedEvents.MAX);
        try (KeyValueIterator<Bytes, FoldedActivity> stored = folded.all()) {
            stored.forEachRemaining(item -> foldedKeys++);
        }
    }

    private static Function<NetworkActivity, Map<String, Object>> mapper(ActivityFormat format) {
        return switch (format) {
            case OCSF -> new OcsfMapper(Version.current())::map;
            case ECS -> new EcsMapper()::map;
            case OFF -> throw new IllegalArgumentException("the format OFF has no events");
        };
    }

    void onEvent(Bytes link, long connection, ConnectionEvent event) {
        if (limiter.admits(context.currentSystemTimeMs())) {
            publish(connection, linkKeys.decode(link.get()), event);
        } else {
            fold(link, event);
        }
    }

    private void fold(Bytes link, ConnectionEvent event) {
        Bytes key = key(event.activity(), link);
        FoldedActivity before = values.get(key);
        if (before == null && foldedKeys >= FoldedEvents.MAX) {
            statistics.activityDropped.add(event.count());
            return;
        }
        if (before == null) {
            foldedKeys++;
        }
        values.put(key, before, FoldedEvents.add(before, event));
        statistics.activityFolded.add(event.count());
    }

    /** Publishes as many folded events as the limit permits. */
    void publishFolded() {
        long wallMillis = context.currentSystemTimeMs();
        List<KeyValue<Bytes, FoldedActivity>> published = new ArrayList<>();
        values.flush();
        try (KeyValueIterator<Bytes, FoldedActivity> waiting = folded.all()) {
            while (waiting.hasNext() && limiter.admitsFolded(wallMillis)) {
                var item = waiting.next();
                byte[] key = item.key.get();
                publish(
                        null,
                        linkKeys.decode(Arrays.copyOfRange(key, 1, key.length)),
                        FoldedEvents.event(ActivityCodes.ofOcsfId(key[0]), item.value));
                published.add(item);
            }
        }
        published.forEach(item -> values.put(item.key, item.value, null));
        foldedKeys -= published.size();
    }

    /** Writes the folded events in memory to the store. Called before each commit. */
    void flush() {
        values.flush();
    }

    private void publish(@Nullable Long connection, LinkKey link, ConnectionEvent event) {
        var activity = new NetworkActivity(
                connection,
                link,
                event,
                pod(event.ends().client()),
                pod(event.ends().server()));
        statistics.activityEvents.increment();
        context.forward(new Record<>(
                activity.linkText(),
                json.writeValueAsBytes(mapper.apply(activity)),
                Math.max(0, OcsfMapper.millis(event.times().at()))));
    }

    private @Nullable String pod(@Nullable ConnectionEnd end) {
        if (end == null || end.podUid() == null) {
            return null;
        }
        Identity pod = clusters.identitiesOf(end.process().cluster()).pod(end.podUid());
        return pod == null ? null : pod.getName();
    }

    private static Bytes key(Activity activity, Bytes link) {
        return Bytes.wrap(ByteBuffer.allocate(1 + link.get().length)
                .put((byte) ActivityCodes.ocsfId(activity))
                .put(link.get())
                .array());
    }
}
