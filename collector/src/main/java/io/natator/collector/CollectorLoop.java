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
 * What the collector does over and over: read events and hand them over, take snapshots of what lives, watch whether Kafka
 * keeps up. {@link #step} and {@link #finish} are for one thread and never throw; everything else may be read by any.
 */
final class CollectorLoop {
    private static final Logger log = LoggerFactory.getLogger(CollectorLoop.class);

    private enum Work {
        EVENTS,
        LIVE_COUNTERS,
        DNS_NAMES,
        FIGURES
    }

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration UPKEEP = Duration.ofSeconds(1);

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
    private final Cadence poll;
    private final Cadence snapshot;
    private final Cadence upkeep;
    private final AtomicLong readFailures = new AtomicLong();
    private final Set<Work> failing = EnumSet.noneOf(Work.class);
    private volatile SocketSourceStatistics statistics = SocketSourceStatistics.none();

    CollectorLoop(
            CollectorConfig config,
            SocketSource source,
            Optional<DnsNames> names,
            BootClock clock,
            SnapshotEncoder encoder,
            KafkaSender sender,
            TopicCreation topic,
            LongSupplier nanoTime) {
        this.config = config;
        this.source = source;
        this.names = names;
        this.clock = clock;
        this.encoder = encoder;
        this.sender = sender;
        this.topic = topic;
        this.nanoTime = nanoTime;
        long now = nanoTime.getAsLong();
        changes = new ChangeDetection(config.intervals().heartbeat().toNanos());
        handover =
                new Handover(source, this::outgoing, sender, config.delivery().maxUnacknowledged());
        live = new LiveSnapshots(source, encoder, sender, changes, nanoTime);
        outage = new OutageWatch(PATIENCE.toNanos(), now);
        poll = new Cadence(config.intervals().poll().toNanos(), now);
        snapshot = new Cadence(config.intervals().snapshot().toNanos(), now);
        upkeep = new Cadence(UPKEEP.toNanos(), now);
    }

    /**
     * Does what is due.
     *
     * @return when something is due again, on the clock given
     */
    long step() {
        if (upkeep.isDue(nanoTime.getAsLong())) {
            guarded(Work.FIGURES, this::keepUp);
            upkeep.done(nanoTime.getAsLong());
        }
        watch();
        if (!topic.isDone()) {
            // Nothing is read yet, and no time of the snapshots' is used up: the first one is due with the topic.
            return nanoTime.getAsLong() + config.intervals().poll().toNanos();
        }
        if (poll.isDue(nanoTime.getAsLong())) {
            guarded(Work.EVENTS, handover::poll);
            if (!outage.isOut()) {
                names.ifPresent(dns -> guarded(Work.DNS_NAMES, dns::poll));
            }
            poll.done(nanoTime.getAsLong());
        }
        if (snapshot.isDue(nanoTime.getAsLong())) {
            // In an outage the producer's buffer is left to what waits already; the counters do not run away.
            if (!outage.isOut()) {
                guarded(Work.LIVE_COUNTERS, live::send);
            }
            snapshot.done(nanoTime.getAsLong());
        }
        return Math.min(poll.nextNanos(), Math.min(snapshot.nextNanos(), upkeep.nextNanos()));
    }

    /** Collects a last time and waits, up to the time configured, for Kafka to have it; not for one that is out already. */
    void finish() {
        if (topic.isDone() && !outage.isOut()) {
            guarded(Work.EVENTS, handover::poll);
            guarded(Work.LIVE_COUNTERS, live::send);
            awaitAcknowledgement();
        }
        guarded(Work.FIGURES, this::keepUp);
        log.atInfo()
                .addKeyValue("acknowledged", sender.acknowledged())
                .addKeyValue("unacknowledged", handover.unacknowledgedRecords())
                .log("Collection ended; what is not acknowledged stays in the kernel for the next collector");
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
                guarded(Work.EVENTS, handover::sendAgain);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        guarded(Work.EVENTS, handover::release);
    }

    private void keepUp() {
        statistics = source.statistics();
        names.ifPresent(DnsNames::measure);
        long step = clock.remeasure();
        if (step != 0) {
            log.atInfo()
                    .addKeyValue("byMillis", step / 1_000_000)
                    .log("The wall clock was set: times of open connections follow it, durations do not change");
        }
    }

    private void watch() {
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
                        .addKeyValue("reason", failure())
                        .log("Kafka does not answer: opens and closes wait in the kernel, none is lost; check that the"
                                + " brokers are up and can be reached");
            case ENDED ->
                log.atWarn()
                        .addKeyValue("seconds", silentSeconds)
                        .addKeyValue("unacknowledged", handover.unacknowledgedRecords())
                        .addKeyValue("kernelBytes", statistics.ring().used())
                        .log("Kafka answers again: what waited is being sent");
        }
    }

    private String failure() {
        String reason = topic.isDone() ? sender.lastFailure() : topic.lastFailure();
        return reason.isEmpty() ? "no answer" : reason;
    }

    private @Nullable ProducerRecord<byte[], byte[]> outgoing(SocketRecord event) {
        if (!encoder.accepts(event)) {
            return null;
        }
        switch (event.event()) {
            case OPENED -> changes.opened(event, nanoTime.getAsLong());
            case CLOSED, FAILED -> changes.ended(event.id());
            case LIVE, FOLDED -> {}
        }
        return encoder.encode(event);
    }

    /** A failure of the source is no reason to stop: the next step tries again. */
    private void guarded(Work kind, Runnable work) {
        try {
            work.run();
            failing.remove(kind);
        } catch (RuntimeException e) {
            readFailures.incrementAndGet();
            log.atLevel(failing.add(kind) ? Level.WARN : Level.DEBUG)
                    .addKeyValue("what", kind)
                    .setCause(e)
                    .log("Reading from the kernel failed: it is tried again");
        }
    }

    /** Why the collector is not ready; empty where it is. */
    Optional<String> notReady() {
        if (!topic.isDone()) {
            return Optional.of("waiting for Kafka at " + config.kafka().bootstrapServers() + ": " + failure());
        }
        if (outage.isOut()) {
            return Optional.of("Kafka at " + config.kafka().bootstrapServers() + " does not acknowledge: " + failure());
        }
        return sender.acknowledged() == 0 && sender.inFlight() > 0
                ? Optional.of("waiting for the first acknowledgement")
                : Optional.empty();
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

    /** How often reading from the kernel failed. */
    long readFailures() {
        return readFailures.get();
    }

    /** Age of the oldest event that was read and is not acknowledged; 0 where there is none. */
    double secondsBehind() {
        long oldest = handover.oldestUnacknowledgedNanos();
        return oldest == Handover.NONE ? 0 : Math.max(0, SystemCalls.bootNanos() - oldest) / 1e9;
    }

    double secondsSinceAcknowledged() {
        return (nanoTime.getAsLong() - sender.lastAcknowledgedNanos()) / 1e9;
    }
}
