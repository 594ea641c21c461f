package io.natator.topology.events;

import io.natator.schemas.LinkKey;
import io.natator.schemas.LinkTotals;
import io.natator.schemas.Topic;
import io.natator.schemas.TopicSerdes;
import io.natator.topology.events.LinkChanges.Change;
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
 * Reads the topic of links as long as someone listens, and tells what changes: it is written by all instances, and what is
 * read of it is committed. The first who listens waits until it has been read to its end, which tells what is new from
 * then on.
 */
final class LinkEvents implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LinkEvents.class);
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
     * Events of links.
     *
     * @param clientConfig of the Kafka client, with its servers
     * @param interval a link is told of once in it, at most
     * @param text what is told of a link, in one line
     */
    LinkEvents(
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

    /** Someone listens. */
    synchronized void wanted() {
        if (reader == null && !closed) {
            reader = Thread.ofVirtual().name("natator-link-events").start(this::read);
        }
    }

    /** Whether nobody listens any more; then another reader starts with the next who does. */
    private synchronized boolean isOver() {
        if (closed || subscribers.isEmpty()) {
            reader = null;
            return true;
        }
        return false;
    }

    private void read() {
        while (!isOver()) {
            try (var consumer =
                    new KafkaConsumer<>(clientConfig, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                read(consumer);
            } catch (KafkaException e) {
                log.atWarn()
                        .addKeyValue("topic", topic)
                        .addKeyValue("reason", e.getMessage())
                        .log("The topic of links cannot be read for events; trying again");
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
        var changes = new LinkChanges();
        while (!isOver() && partitions.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
            hear(consumer, changes);
        }
        changes.learn();
        log.atDebug().addKeyValue("links", changes.size()).log("Events of links begin");
        long toldNanos = System.nanoTime();
        while (!isOver()) {
            hear(consumer, changes);
            if (System.nanoTime() - toldNanos >= interval.toNanos()) {
                changes.take().forEach(change -> subscribers.tell(change.key(), event(change)));
                toldNanos = System.nanoTime();
            }
        }
    }

    private void hear(KafkaConsumer<byte[], byte[]> consumer, LinkChanges changes) {
        for (var item : consumer.poll(POLL)) {
            LinkKey key = serdes.linkKey().deserializer().deserialize(topic, item.key());
            @Nullable
            LinkTotals totals = item.value() == null
                    ? null
                    : serdes.linkTotals().deserializer().deserialize(topic, item.value());
            changes.hear(key, totals);
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

    /** Returns at once; the reader ends with its next look. */
    @Override
    public synchronized void close() {
        closed = true;
    }
}
