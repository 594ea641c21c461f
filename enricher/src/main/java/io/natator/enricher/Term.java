package io.natator.enricher;

import io.natator.enricher.cluster.ApiReader;
import io.natator.enricher.cluster.ClusterHealth;
import io.natator.enricher.cluster.ClusterListener;
import io.natator.enricher.cluster.ClusterWatch;
import io.natator.enricher.cluster.ControllerLookup;
import io.natator.enricher.ownership.Change;
import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.Kind;
import io.natator.enricher.ownership.OwnershipModel;
import io.natator.enricher.ownership.Sharing;
import io.natator.enricher.ownership.WantedController;
import io.natator.enricher.publish.DeposedException;
import io.natator.enricher.publish.IdentityTopic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One time of being the writer: take the topic over, read it back, list the cluster, close what ended in between, and
 * follow. Events come on the informers' threads and go straight into the model; one thread writes.
 */
final class Term implements ClusterListener, ControllerLookup.Answers {
    private static final Logger log = LoggerFactory.getLogger(Term.class);
    private static final Duration EXPIRY_INTERVAL = Duration.ofSeconds(30);
    /** Records of one transaction at most. */
    private static final int AT_ONCE = 5_000;

    private final EnricherConfig config;
    private final ApiReader reader;
    private final IdentityTopic topic;
    private final EnricherStatistics statistics;
    private final InstantSource clock;
    private final BooleanSupplier wanted;
    /** Guards itself: informers feed it, the writer drains it. */
    private final OwnershipModel model;

    private volatile String unready = "waiting for the broker";
    private volatile ClusterHealth health = ClusterHealth.UNKNOWN;

    Term(
            EnricherConfig config,
            ApiReader reader,
            IdentityTopic topic,
            EnricherStatistics statistics,
            InstantSource clock,
            BooleanSupplier wanted) {
        this.config = config;
        this.reader = reader;
        this.topic = topic;
        this.statistics = statistics;
        this.clock = clock;
        this.wanted = wanted;
        this.model = new OwnershipModel(config.limits());
    }

    /** Works until it is no longer wanted. */
    void run() throws InterruptedException, DeposedException {
        topic.open();
        unready = "reading back the topic";
        long restored = restore();
        if (!wanted.getAsBoolean()) {
            return;
        }
        log.atInfo().addKeyValue("records", restored).log("Read back what was written before");
        try (var lookup = new ControllerLookup(reader, this);
                var watch = new ClusterWatch(
                        reader,
                        config.cluster().namespaces(),
                        config.cluster().pageSize(),
                        this,
                        statistics.watch(),
                        clock)) {
            watch.start();
            follow(watch, lookup);
        }
    }

    private long restore() throws InterruptedException, DeposedException {
        var restored = new LongAdder();
        var sharing = new Sharing();
        topic.readAll((key, value) -> {
            if (model.restore(key, sharing.of(value))) {
                restored.increment();
            }
        });
        return restored.sum();
    }

    private void follow(ClusterWatch watch, ControllerLookup lookup) throws InterruptedException, DeposedException {
        Instant nextExpiry = clock.instant();
        while (wanted.getAsBoolean()) {
            Instant now = now();
            // Asked before the changes are taken: what was complete then is written after this round.
            ClusterHealth current = watch.health();
            if (!now.isBefore(nextExpiry)) {
                nextExpiry = now.plus(shorter(EXPIRY_INTERVAL, config.limits().ownerPatience()));
                expire(now);
            }
            writeAll(lookup);
            health = current;
            becomeReady(current.unready());
            Thread.sleep(config.flushInterval());
        }
    }

    /** Bit by bit: a cluster's first list is more than should be in memory twice. */
    private void writeAll(ControllerLookup lookup) throws InterruptedException, DeposedException {
        List<Change> changes;
        do {
            changes = drain(lookup);
            topic.write(changes);
        } while (changes.size() == AT_ONCE && wanted.getAsBoolean());
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private void expire(Instant now) {
        synchronized (model) {
            model.expire(now);
        }
    }

    private List<Change> drain(ControllerLookup lookup) {
        List<WantedController> controllers;
        List<Change> changes;
        synchronized (model) {
            controllers = model.wantedControllers();
            changes = model.drain(now(), AT_ONCE);
            statistics.size(model.size());
        }
        controllers.forEach(lookup::start);
        return changes;
    }

    private void becomeReady(String incomplete) {
        int heldBack = statistics.size().heldBack();
        if (incomplete.isEmpty() && !unready.isEmpty() && heldBack > 0) {
            unready = "looking up the owners of " + heldBack + " pods";
            return;
        }
        if (incomplete.isEmpty() && !unready.isEmpty()) {
            log.atInfo()
                    .addKeyValue("addresses", statistics.size().addresses())
                    .addKeyValue("pods", statistics.size().pods())
                    .log("The topic agrees with the cluster");
        }
        unready = incomplete;
    }

    /** Why the topic does not agree with the cluster yet; empty when it does. */
    String unready() {
        return unready;
    }

    /** What can be read of the cluster. */
    ClusterHealth health() {
        return health;
    }

    /** Observation is what settles the order of events, so it must not be finer than what is written. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    @Override
    public void observed(ClusterObject object) {
        synchronized (model) {
            model.observe(object, now());
        }
    }

    @Override
    public void gone(String uid) {
        synchronized (model) {
            model.gone(uid, now());
        }
    }

    @Override
    public void listed(Kind kind) {
        synchronized (model) {
            model.listed(kind, now());
        }
    }

    @Override
    public void found(ClusterObject.Controller controller) {
        synchronized (model) {
            model.found(controller, now());
        }
    }

    @Override
    public void absent(String controllerUid) {
        synchronized (model) {
            model.absent(controllerUid, now());
        }
    }

    @Override
    public void unreadable(String controllerUid) {
        synchronized (model) {
            model.unreadable(controllerUid, now());
        }
    }
}
