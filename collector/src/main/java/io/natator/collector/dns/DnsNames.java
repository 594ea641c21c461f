package io.natator.collector.dns;

import io.natator.bpf.DnsAnswer;
import io.natator.bpf.DnsAnswerSource;
import io.natator.collector.handover.KafkaSender;
import io.natator.collector.handover.KafkaSender.Outcome;
import io.natator.collector.snapshot.CollectingNode;
import io.natator.schemas.DnsName;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.NatatorSerdes;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Publishes the names under which workloads look up addresses. {@link KnownNames} decides when a name is published
 * again. {@link RateLimit} limits how many names are published; names above the limit are not published, but counted.
 * One thread calls {@link #poll} and {@link #updateFigures}; any thread can call the other methods.
 */
public final class DnsNames {
    private static final int MAX_ANSWERS_PER_POLL = 1_000;

    private final DnsAnswerSource source;
    private final KafkaSender sender;
    private final String topic;
    private final CollectingNode node;
    private final LongFunction<Instant> clock;
    private final LongSupplier nanoTime;
    private final KnownNames known = new KnownNames();
    private final RateLimit limit;
    private final Serializer<String> keys = NatatorSerdes.dnsNameKey().serializer();
    private final Serializer<DnsName> values;
    private final Queue<KnownNames.Name> unsent = new ConcurrentLinkedQueue<>();
    private final AtomicLong unreadable = new AtomicLong();
    private final AtomicLong limited = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile DnsAnswerSource.Statistics answers = new DnsAnswerSource.Statistics(0, 0, 0);

    /**
     * Publishes the names from DNS answers to the given topic.
     *
     * @param clock converts nanoseconds since boot to wall-clock time
     * @param nanoTime a monotonic clock such as {@link System#nanoTime}
     */
    public DnsNames(
            DnsAnswerSource source,
            KafkaSender sender,
            String topic,
            Serializer<DnsName> values,
            CollectingNode node,
            LongFunction<Instant> clock,
            LongSupplier nanoTime) {
        this.source = source;
        this.sender = sender;
        this.topic = topic;
        this.values = values;
        this.node = node;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.limit = new RateLimit(nanoTime.getAsLong());
    }

    /**
     * Reads at most 1,000 answers from the source, and publishes their names that are new or were not published for an
     * hour.
     */
    public void poll() {
        for (KnownNames.Name lost = unsent.poll(); lost != null; lost = unsent.poll()) {
            known.forget(lost);
        }
        int ignored = source.pollAnswers(MAX_ANSWERS_PER_POLL, this::onAnswer);
    }

    private void onAnswer(DnsAnswer answer) {
        try {
            Optional<DnsResolution> resolution = AnswerParser.parse(answer.payload());
            resolution.ifPresent(found -> found.addresses().stream()
                    .filter(DnsNames::isPublishable)
                    .forEach(address -> publish(address, found, answer.observedNanos())));
        } catch (MalformedMessageException noAnswer) {
            unreadable.incrementAndGet();
        }
    }

    /**
     * Returns whether an address is published. Loopback addresses are not, because they exist on every machine. 0.0.0.0
     * and :: are not, because DNS servers return them for blocked names.
     */
    private static boolean isPublishable(InetAddress address) {
        return !address.isLoopbackAddress() && !address.isAnyLocalAddress();
    }

    private void publish(InetAddress address, DnsResolution resolution, long observedNanos) {
        var name = new KnownNames.Name(address, resolution.name());
        long now = nanoTime.getAsLong();
        if (!known.isDue(name, now)) {
            return;
        }
        if (!limit.tryAcquire(now)) {
            limited.incrementAndGet();
            return;
        }
        known.markPublished(name, now);
        DnsName value =
                new DnsName(resolution.name(), clock.apply(observedNanos), resolution.ttlSeconds(), node.name());
        String key = node.cluster().key(IdentityKeys.ofAddress(address.getAddress()));
        var record = new ProducerRecord<>(topic, keys.serialize(topic, key), values.serialize(topic, value));
        boolean ignored = sender.send(record, outcome -> complete(name, outcome));
    }

    private void complete(KnownNames.Name name, Outcome outcome) {
        switch (outcome) {
            case ACKNOWLEDGED -> acknowledged.incrementAndGet();
            case REFUSED -> {}
            case UNSENT -> unsent.add(name);
        }
    }

    /** Returns the number of answers that are not DNS messages. */
    public long unreadable() {
        return unreadable.get();
    }

    /** Returns how many names were not published because of the rate limit. They are published with a later answer. */
    public long limited() {
        return limited.get();
    }

    /** Returns the number of published names that Kafka has acknowledged. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /** Reads the kernel side's statistics about DNS answers, and stores them for {@link #answers}. */
    public void updateFigures() {
        answers = source.answerStatistics();
    }

    /**
     * Returns the kernel side's statistics about DNS answers that the last {@link #updateFigures} has stored. They are
     * stored, because the source can be closed while another thread reads metrics.
     */
    public DnsAnswerSource.Statistics answers() {
        return answers;
    }
}
