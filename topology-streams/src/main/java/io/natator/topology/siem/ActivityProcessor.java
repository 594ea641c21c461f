package io.natator.topology.siem;

import io.natator.http.command.Version;
import io.natator.schemas.AvroSerde;
import io.natator.schemas.Identity;
import io.natator.schemas.LinkKey;
import io.natator.schemas.NatatorSerdes;
import io.natator.topology.identity.Identities;
import io.natator.topology.identity.StoredIdentities;
import io.natator.topology.ledger.Activity;
import io.natator.topology.ledger.ConnectionEvent;
import io.natator.topology.ledger.LedgerOutput;
import io.natator.topology.state.CommitHook;
import io.natator.topology.state.TopologyStatistics;
import io.natator.topology.state.WriteBackCache;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes events as JSON, at most so many per second. What is too much is folded by link and activity: one event for all
 * of them leaves as soon as there is room, without addresses and processes, with their count and their traffic. What is
 * folded is stored, and is not lost with the instance.
 */
final class ActivityProcessor implements Processor<Bytes, LedgerOutput, String, byte[]> {
    /** Id of the activity (1 byte) and encoded link key to {@link FoldedActivity}. */
    static final String FOLDED = "activity-folded";

    private static final String COMMIT = "activity-commit";

    /** Bounds the memory of what is folded: beyond it events are dropped, and counted. */
    private static final int MAX_FOLDED = 10_000;

    private static final Duration PUBLISH_INTERVAL = Duration.ofSeconds(1);

    private final Supplier supplier;
    private @Nullable Task task;

    private ActivityProcessor(Supplier supplier) {
        this.supplier = supplier;
    }

    /** What makes a processor for each task, with its store. */
    record Supplier(ActivitySettings bounds, EventLimiter limiter, TopologyStatistics statistics)
            implements ProcessorSupplier<Bytes, LedgerOutput, String, byte[]> {
        @Override
        public Processor<Bytes, LedgerOutput, String, byte[]> get() {
            return new ActivityProcessor(this);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return Set.of(
                    CommitHook.builder(COMMIT),
                    Stores.keyValueStoreBuilder(
                            Stores.inMemoryKeyValueStore(FOLDED),
                            Serdes.Bytes(),
                            AvroSerde.<FoldedActivity>of(FoldedActivity.getClassSchema())));
        }
    }

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
        var started = new Task(context);
        task = started;
        CommitHook.register(context, COMMIT, started.values::flush);
        context.schedule(PUBLISH_INTERVAL, PunctuationType.WALL_CLOCK_TIME, this::onSchedule);
    }

    @Override
    public void process(Record<Bytes, LedgerOutput> record) {
        if (task != null && record.key() != null && record.value() != null) {
            for (ConnectionEvent event : record.value().events()) {
                task.onEvent(record.key(), record.value().connection(), event);
            }
        }
    }

    @Override
    public void close() {
        task = null;
    }

    private void onSchedule(long wallMillis) {
        if (task != null) {
            task.publishFolded(wallMillis);
        }
    }

    private static Function<NetworkActivity, Map<String, Object>> mapper(ActivityFormat format) {
        return switch (format) {
            case OCSF -> new OcsfMapper(Version.current())::map;
            case ECS -> new EcsMapper()::map;
            case OFF -> throw new IllegalArgumentException("activity that is off is not mapped");
        };
    }

    private final class Task {
        private final ProcessorContext<String, byte[]> context;
        private final Identities identities;
        private final KeyValueStore<Bytes, FoldedActivity> folded;
        private final WriteBackCache<Bytes, FoldedActivity> values;
        private final AvroSerde<LinkKey> linkKeys = NatatorSerdes.linkKey();
        private final JsonMapper json = new JsonMapper();
        private final Function<NetworkActivity, Map<String, Object>> mapper =
                mapper(supplier.bounds().format());
        private int foldedKeys;

        Task(ProcessorContext<String, byte[]> context) {
            this.context = context;
            identities = new StoredIdentities(
                    context.getStateStore(StoredIdentities.STORE), supplier.statistics().identityChanges);
            folded = context.getStateStore(FOLDED);
            values = new WriteBackCache<>(folded, MAX_FOLDED);
            try (KeyValueIterator<Bytes, FoldedActivity> stored = folded.all()) {
                stored.forEachRemaining(item -> foldedKeys++);
            }
        }

        void onEvent(Bytes link, long connection, ConnectionEvent event) {
            if (supplier.limiter().admits(context.currentSystemTimeMs())) {
                publish(connection, linkKeys.decode(link.get()), event);
            } else {
                fold(link, event);
            }
        }

        private void fold(Bytes link, ConnectionEvent event) {
            Bytes key = key(event.activity(), link);
            FoldedActivity before = values.get(key);
            if (before == null && foldedKeys >= MAX_FOLDED) {
                supplier.statistics().activityDropped.add(event.count());
                return;
            }
            if (before == null) {
                foldedKeys++;
            }
            values.put(key, before, FoldedEvents.add(before, event));
            supplier.statistics().activityFolded.add(event.count());
        }

        void publishFolded(long wallMillis) {
            List<KeyValue<Bytes, FoldedActivity>> published = new ArrayList<>();
            values.flush();
            try (KeyValueIterator<Bytes, FoldedActivity> waiting = folded.all()) {
                while (waiting.hasNext() && supplier.limiter().admitsFolded(wallMillis)) {
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

        private @Nullable String pod(@Nullable Party party) {
            String uid = party == null ? null : party.endpoint().podUid();
            Identity pod = uid == null ? null : identities.pod(uid);
            return pod == null ? null : pod.getName();
        }

        private void publish(@Nullable Long connection, LinkKey link, ConnectionEvent event) {
            var activity = new NetworkActivity(connection, link, event, pod(event.client()), pod(event.server()));
            supplier.statistics().activityEvents.increment();
            context.forward(new Record<>(
                    activity.linkText(),
                    json.writeValueAsBytes(mapper.apply(activity)),
                    Math.max(0, OcsfMapper.millis(activity.event().at()))));
        }
    }

    private static Bytes key(Activity activity, Bytes link) {
        return Bytes.wrap(ByteBuffer.allocate(1 + link.get().length)
                .put((byte) ActivityCodes.ocsfId(activity))
                .put(link.get())
                .array());
    }
}
