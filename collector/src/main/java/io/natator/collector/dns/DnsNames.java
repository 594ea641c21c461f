package io.natator.collector.dns;

import io.natator.bpf.DnsAnswer;
import io.natator.bpf.DnsAnswerSource;
import io.natator.collector.handover.KafkaSender;
import io.natator.collector.handover.KafkaSender.Outcome;
import io.natator.schemas.DnsName;
import io.natator.schemas.IdentityKeys;
import io.natator.schemas.NatatorSerdes;
import java.net.InetAddress;
import java.time.Duration;
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
 * Publishes by which name an address was looked up. A name is published when it is new, and again after an hour. Best
 * effort: memory and rate are limited, and names above a limit are counted. One thread calls {@link #poll} and
 * {@link #updateFigures}; any thread may read the figures.
 */
public final class DnsNames {
    private static final int ANSWERS_AT_ONCE = 1_000;
    private static final int KNOWN = 16_384;
    private static final Duration REPEAT = Duration.ofHours(1);
    private static final int PER_SECOND = 50;
    private static final int BURST = 1_000;

    private final DnsAnswerSource source;
    private final KafkaSender sender;
    private final String topic;
    private final String node;
    private final LongFunction<Instant> clock;
    private final LongSupplier nanoTime;
    private final KnownNames known = new KnownNames(KNOWN, REPEAT.toNanos());
    private final RateLimit limit;
    private final Serializer<String> keys = NatatorSerdes.dnsNameKey().serializer();
    private final Serializer<DnsName> values;
    private final Queue<KnownNames.Name> unsent = new ConcurrentLinkedQueue<>();
    private final AtomicLong unreadable = new AtomicLong();
    private final AtomicLong limited = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile DnsAnswerSource.Statistics answers = new DnsAnswerSource.Statistics(0, 0, 0);

    /**
     * Publishes to one topic.
     *
     * @param clock nanoseconds since boot to wall-clock time
     * @param nanoTime as {@link System#nanoTime}
     */
    public DnsNames(
            DnsAnswerSource source,
            KafkaSender sender,
            String topic,
            Serializer<DnsName> values,
            String node,
            LongFunction<Instant> clock,
            LongSupplier nanoTime) {
        this.source = source;
        this.sender = sender;
        this.topic = topic;
        this.values = values;
        this.node = node;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.limit = new RateLimit(PER_SECOND, BURST, nanoTime.getAsLong());
    }

    /** Reads the waiting answers, up to a limit, and publishes the names that are due. */
    public void poll() {
        for (KnownNames.Name lost = unsent.poll(); lost != null; lost = unsent.poll()) {
            known.forget(lost);
        }
        int ignored = source.pollAnswers(ANSWERS_AT_ONCE, this::onAnswer);
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

    /** Excludes loopback addresses, which every machine has, and 0.0.0.0 and ::, with which resolvers block names. */
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
        DnsName value = new DnsName(resolution.name(), clock.apply(observedNanos), resolution.ttlSeconds(), node);
        var record = new ProducerRecord<>(
                topic,
                keys.serialize(topic, IdentityKeys.ofAddress(address.getAddress())),
                values.serialize(topic, value));
        boolean ignored = sender.send(record, outcome -> complete(name, outcome));
    }

    private void complete(KnownNames.Name name, Outcome outcome) {
        switch (outcome) {
            case ACKNOWLEDGED -> acknowledged.incrementAndGet();
            case REFUSED -> {}
            case UNSENT -> unsent.add(name);
        }
    }

    /** Answers that are not DNS messages. */
    public long unreadable() {
        return unreadable.get();
    }

    /** Names above the rate limit. A later answer makes them due again. */
    public long limited() {
        return limited.get();
    }

    /** Names that Kafka acknowledged. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /** Reads the kernel side's figures about answers. */
    public void updateFigures() {
        answers = source.answerStatistics();
    }

    /** The kernel side's figures at the last {@link #updateFigures}: a scrape must not read a source that may be closed. */
    public DnsAnswerSource.Statistics answers() {
        return answers;
    }
}
