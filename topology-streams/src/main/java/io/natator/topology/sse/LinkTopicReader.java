package io.natator.topology.sse;

import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.Topic;
import io.natator.schemas.TopicSerdes;
import io.natator.topology.sse.LinkChangeDetector.Change;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topic {@code links} while clients are connected, and publishes the changes to the clients. The topic
 * contains the links of all instances. Only committed records are read. There are no events until the whole topic has
 * been read once, because before that it is unknown which links are new.
 */
final class LinkTopicReader implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LinkTopicReader.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Map<String, Object> clientConfig;
    private final String topic;
    private final TopicSerdes serdes;
    private final Subscribers subscribers;
    private final Duration interval;
    private final BiFunction<LinkKey, @Nullable LinkTotals, String> text;
    private @Nullable Thread reader;
    private boolean closed;

    /**
     * Creates a reader. It reads nothing before {@link #start}.
     *
     * @param clientConfig properties of the Kafka consumer, with its bootstrap servers
     * @param topicPrefix prefix of the names of topics
     * @param subscribers the connected clients
     * @param interval minimum time between two events of one link
     * @param text formats a link as one line
     */
    LinkTopicReader(
            Map<String, Object> clientConfig,
            String topicPrefix,
            TopicSerdes serdes,
            Subscribers subscribers,
            Duration interval,
            BiFunction<LinkKey, @Nullable LinkTotals, String> text) {
        this.clientConfig = new HashMap<>(clientConfig);
        this.clientConfig.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        this.clientConfig.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        topic = Topic.LINKS.name(topicPrefix);
        this.serdes = serdes;
        this.subscribers = subscribers;
        this.interval = interval;
        this.text = text;
    }

    /** Starts a thread that reads the topic, unless one is running. */
    synchronized void start() {
        if (reader == null && !closed) {
            reader = Thread.ofVirtual().name("natator-link-events").start(this::read);
        }
    }

    /**
     * Returns true if the thread must end, because no client is connected any more or this reader is closed.
     * {@link #start} can then start another thread.
     */
    private synchronized boolean stopIfUnused() {
        if (closed || subscribers.isEmpty()) {
            reader = null;
            return true;
        }
        return false;
    }

    private void read() {
        while (!stopIfUnused()) {
            try (var consumer =
                    new KafkaConsumer<>(clientConfig, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                read(consumer);
            } catch (KafkaException e) {
                log.atWarn()
                        .addKeyValue("topic", topic)
                        .addKeyValue("reason", e.getMessage())
                        .log("Cannot read the topic of links for events; retrying");
                pause();
            }
        }
    }

    private void read(KafkaConsumer<byte[], byte[]> consumer) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        var changes = new LinkChangeDetector();
        while (!stopIfUnused()
                && partitions.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
            poll(consumer, changes);
        }
        changes.markAllKnown();
        log.atDebug()
                .addKeyValue("links", changes.size())
                .log("The topic of links has been read to its end; events start");
        long publishedNanos = System.nanoTime();
        while (!stopIfUnused()) {
            poll(consumer, changes);
            if (System.nanoTime() - publishedNanos >= interval.toNanos()) {
                changes.drainChanges().forEach(change -> subscribers.publish(change.key(), event(change)));
                publishedNanos = System.nanoTime();
            }
        }
    }

    private void poll(KafkaConsumer<byte[], byte[]> consumer, LinkChangeDetector changes) {
        for (var item : consumer.poll(POLL)) {
            LinkKey key = serdes.linkKey().deserializer().deserialize(topic, item.key());
            @Nullable
            LinkTotals totals = item.value() == null
                    ? null
                    : serdes.linkTotals().deserializer().deserialize(topic, item.value());
            changes.onRecord(key, totals);
        }
    }

    private String event(Change change) {
        return "event: " + change.kind().name().toLowerCase(Locale.ROOT) + "\ndata: "
                + text.apply(change.key(), change.totals()) + "\n\n";
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops the thread that reads the topic, but does not wait for its end. The thread ends after its current poll. */
    @Override
    public synchronized void close() {
        closed = true;
    }
}
