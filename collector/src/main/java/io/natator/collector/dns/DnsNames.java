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
 * Tells of each address by which name it was asked for: when it is new, and again after an hour. A help for whoever shows
 * addresses, not an account: bounded in every way, and what exceeds a bound is counted. {@link #poll} and {@link #measure} are
 * for one thread, figures for any.
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
     * Names for one topic.
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

    /** Reads what answers there are, up to a number, and sends what they say that is new. */
    public void poll() {
        for (KnownNames.Name lost = unsent.poll(); lost != null; lost = unsent.poll()) {
            known.untold(lost);
        }
        int ignored = source.pollAnswers(ANSWERS_AT_ONCE, this::take);
    }

    private void take(DnsAnswer answer) {
        try {
            Optional<DnsResolution> resolution = AnswerParser.parse(answer.payload());
            resolution.ifPresent(found -> found.addresses().stream()
                    .filter(DnsNames::isSomebodys)
                    .forEach(address -> tell(address, found, answer.observedNanos())));
        } catch (MalformedMessageException noAnswer) {
            unreadable.incrementAndGet();
        }
    }

    /** Not the machine's own, which every machine has, and not none at all, which is how names are blocked. */
    private static boolean isSomebodys(InetAddress address) {
        return !address.isLoopbackAddress() && !address.isAnyLocalAddress();
    }

    private void tell(InetAddress address, DnsResolution resolution, long observedNanos) {
        var name = new KnownNames.Name(address, resolution.name());
        long now = nanoTime.getAsLong();
        if (!known.isDue(name, now)) {
            return;
        }
        if (!limit.isLetThrough(now)) {
            limited.incrementAndGet();
            return;
        }
        known.told(name, now);
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

    /** Answers that are no message of the DNS. */
    public long unreadable() {
        return unreadable.get();
    }

    /** Names held back because there were too many; they are told with a later answer. */
    public long limited() {
        return limited.get();
    }

    /** Names that Kafka acknowledged. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /** Reads what became of answers in the kernel. */
    public void measure() {
        answers = source.answerStatistics();
    }

    /** What became of answers in the kernel, as of the last {@link #measure}: a scrape must not read a source that may be closed. */
    public DnsAnswerSource.Statistics answers() {
        return answers;
    }
}
