package io.natator.collector;

import io.natator.bpf.SocketRecord;
import io.natator.bpf.SocketSource;
import io.natator.bpf.SocketSourceStatistics;
import io.natator.bpf.libbpf.SystemCalls;
import io.natator.collector.dns.DnsNames;
import io.natator.collector.handover.Handover;
import io.natator.collector.handover.KafkaSender;
import io.natator.collector.handover.OutageWatch;
import io.natator.collector.handover.TopicCreation;
import io.natator.collector.snapshot.BootClock;
import io.natator.collector.snapshot.ChangeDetection;
import io.natator.collector.snapshot.SnapshotEncoder;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The collector's periodic work: it reads events (opens and closes) from the kernel and forwards them to Kafka,
 * publishes snapshots of open connections, and logs outages of Kafka. One thread calls {@link #runDue} and
 * {@link #drain}; neither throws an exception. Any thread can call the other methods.
 */
final class CollectorLoop {
    private static final Logger log = LoggerFactory.getLogger(CollectorLoop.class);

    private enum Work {
        EVENTS,
        LIVE_COUNTERS,
        DNS_NAMES,
        FIGURES
    }

    private final CollectorConfig config;
    private final SocketSource source;
    private final Optional<DnsNames> names;
    private final BootClock clock;
    private final SnapshotEncoder encoder;
    private final KafkaSender sender;
    private final TopicCreation topic;
    private final LongSupplier nanoTime;
    private final ChangeDetection changes;
    private final Handover handover;
    private final LiveSnapshots live;
    private final OutageWatch outage;
    private final Health health;
    private final Cadence poll;
    private final Cadence snapshot;
    private final Cadence figures;
    private final AtomicLong readFailures = new AtomicLong();
    private final Set<Work> failing = EnumSet.noneOf(Work.class);
    private volatile SocketSourceStatistics statistics = SocketSourceStatistics.none();

    /**
     * What the loop needs to send records to Kafka.
     *
     * @param encoder encodes the records
     * @param sender sends the records
     * @param topic creates the topics; the loop reads nothing from the kernel before they exist
     */
    record KafkaOutput(SnapshotEncoder encoder, KafkaSender sender, TopicCreation topic) {}

    CollectorLoop(
            CollectorConfig config,
            SocketSource source,
            Optional<DnsNames> names,
            BootClock clock,
            KafkaOutput output,
            LongSupplier nanoTime) {
        this.config = config;
        this.source = source;
        this.names = names;
        this.clock = clock;
        encoder = output.encoder();
        sender = output.sender();
        topic = output.topic();
        this.nanoTime = nanoTime;
        long now = nanoTime.getAsLong();
        changes = new ChangeDetection(config.intervals().heartbeat().toNanos());
        handover =
                new Handover(source, this::toRecord, sender, config.delivery().maxUnacknowledged());
        live = new LiveSnapshots(source, encoder, sender, changes, nanoTime);
        outage = new OutageWatch(now);
        health = new Health(config.kafka().bootstrapServers(), topic, outage, sender);
        poll = new Cadence(config.intervals().poll().toNanos(), now);
        snapshot = new Cadence(config.intervals().snapshot().toNanos(), now);
        figures = new Cadence(Intervals.STATISTICS.toNanos(), now);
    }

    /**
     * Does all periodic work that is due now.
     *
     * @return when work is due again, in nanoseconds on the clock that was passed to the constructor
     */
    long runDue() {
        if (figures.isDue(nanoTime.getAsLong())) {
            attempt(Work.FIGURES, this::updateFigures);
            figures.done(nanoTime.getAsLong());
        }
        checkOutage();
        if (!topic.isDone()) {
            // Nothing is read until the topics exist. The first snapshot is published as soon as they exist.
            return nanoTime.getAsLong() + config.intervals().poll().toNanos();
        }
        if (poll.isDue(nanoTime.getAsLong())) {
            attempt(Work.EVENTS, handover::poll);
            if (!outage.sendsEventsOnly()) {
                names.ifPresent(dns -> attempt(Work.DNS_NAMES, dns::poll));
            }
            poll.done(nanoTime.getAsLong());
        }
        if (snapshot.isDue(nanoTime.getAsLong())) {
            if (!outage.sendsEventsOnly()) {
                attempt(Work.LIVE_COUNTERS, live::publish);
            }
            snapshot.done(nanoTime.getAsLong());
        }
        return Math.min(poll.nextNanos(), Math.min(snapshot.nextNanos(), figures.nextNanos()));
    }

    /**
     * Reads from the kernel a last time, and waits at most the shutdown timeout until Kafka has acknowledged all
     * records. During an outage of Kafka it neither reads nor waits.
     */
    void drain() {
        if (topic.isDone() && !outage.isOut()) {
            attempt(Work.EVENTS, handover::poll);
            attempt(Work.LIVE_COUNTERS, live::publish);
            awaitAcknowledgement();
        }
        attempt(Work.FIGURES, this::updateFigures);
        log.atInfo()
                .addKeyValue("acknowledged", sender.acknowledged())
                .addKeyValue("unacknowledged", handover.unacknowledgedRecords())
                .log("Collection ended; unacknowledged events stay in the kernel for the next collector");
    }

    private void awaitAcknowledgement() {
        long deadline =
                nanoTime.getAsLong() + config.delivery().shutdownTimeout().toNanos();
        try {
            while (sender.inFlight() > 0 || handover.unacknowledgedRecords() > 0) {
                if (nanoTime.getAsLong() - deadline >= 0) {
                    return;
                }
                Thread.sleep(10);
                attempt(Work.EVENTS, handover::retryUnsent);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        attempt(Work.EVENTS, handover::release);
    }

    private void updateFigures() {
        statistics = source.statistics();
        names.ifPresent(DnsNames::updateFigures);
        long step = clock.remeasure();
        if (step != 0) {
            log.atInfo()
                    .addKeyValue("byMillis", step / 1_000_000)
                    .log("The wall clock was set; times of open connections change with it, durations do not");
        }
    }

    private void checkOutage() {
        long now = nanoTime.getAsLong();
        long silentSeconds = Duration.ofNanos(now - outage.sinceNanos()).toSeconds();
        boolean waiting = !topic.isDone() || handover.unacknowledgedRecords() > 0 || sender.inFlight() > 0;
        switch (outage.observe(waiting, sender.lastAcknowledgedNanos(), now)) {
            case NONE -> {}
            case BEGAN ->
                log.atWarn()
                        .addKeyValue("bootstrapServers", config.kafka().bootstrapServers())
                        .addKeyValue("seconds", silentSeconds)
                        .addKeyValue("unacknowledged", handover.unacknowledgedRecords())
                        .addKeyValue("kernelBytes", statistics.ring().used())
                        .addKeyValue("kernelCapacity", statistics.ring().capacity())
                        .addKeyValue("reason", health.kafkaFailure())
                        .log("Kafka does not answer: opens and closes wait in the kernel, none is lost; check that the"
                                + " brokers are up and reachable");
            case ENDED ->
                log.atWarn()
                        .addKeyValue("seconds", silentSeconds)
                        .addKeyValue("unacknowledged", handover.unacknowledgedRecords())
                        .addKeyValue("kernelBytes", statistics.ring().used())
                        .log("Kafka answers again: sending the records that waited");
        }
    }

    private @Nullable ProducerRecord<byte[], byte[]> toRecord(SocketRecord event) {
        encoder.peers().observe(event);
        if (!encoder.accepts(event)) {
            return null;
        }
        switch (event.event()) {
            case OPENED -> changes.onOpened(event, nanoTime.getAsLong());
            case CLOSED, FAILED -> changes.onEnded(event.id());
            case LIVE, FOLDED -> {}
        }
        return encoder.encode(event);
    }

    /**
     * Does one kind of work. If the work fails, this is logged and counted, and the loop repeats the work when it is
     * due again.
     */
    private void attempt(Work kind, Runnable work) {
        try {
            work.run();
            failing.remove(kind);
        } catch (RuntimeException e) {
            readFailures.incrementAndGet();
            log.atLevel(failing.add(kind) ? Level.WARN : Level.DEBUG)
                    .addKeyValue("what", kind)
                    .setCause(e)
                    .log("Could not read from the kernel; retrying");
        }
    }

    Health health() {
        return health;
    }

    SocketSourceStatistics statistics() {
        return statistics;
    }

    Handover handover() {
        return handover;
    }

    LiveSnapshots live() {
        return live;
    }

    KafkaSender sender() {
        return sender;
    }

    SnapshotEncoder encoder() {
        return encoder;
    }

    /** Returns how often reading from the kernel has failed. */
    long readFailures() {
        return readFailures.get();
    }

    /**
     * Returns the age in seconds of the oldest event that was read but that Kafka has not acknowledged; 0 if there is
     * none.
     */
    double secondsBehind() {
        long oldest = handover.oldestUnacknowledgedNanos();
        return oldest == Handover.NONE ? 0 : Math.max(0, SystemCalls.bootNanos() - oldest) / 1e9;
    }

    double secondsSinceAcknowledged() {
        return (nanoTime.getAsLong() - sender.lastAcknowledgedNanos()) / 1e9;
    }
}
