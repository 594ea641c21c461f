package io.natator.enricher;

import io.natator.enricher.cluster.ApiReader;
import io.natator.enricher.cluster.ClusterHealth;
import io.natator.enricher.cluster.ClusterListener;
import io.natator.enricher.cluster.ClusterWatch;
import io.natator.enricher.cluster.ControllerReader;
import io.natator.enricher.cluster.HostNameResolver;
import io.natator.enricher.ownership.ClusterObject;
import io.natator.enricher.ownership.ControllerRequest;
import io.natator.enricher.ownership.OwnershipModel;
import io.natator.enricher.ownership.ReconciledKind;
import io.natator.enricher.ownership.RecordInterner;
import io.natator.enricher.ownership.RecordUpdate;
import io.natator.enricher.publish.DeposedException;
import io.natator.enricher.publish.IdentityTopic;
import io.natator.schemas.IdentityProgress;
import io.natator.schemas.TopicProgress;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One term of this enricher as the writer. It takes the topic over, reads it back, lists the cluster, ends the spans of
 * objects that were deleted while no enricher ran, and then writes every change. The threads of the watches report
 * events to the model, and one thread writes.
 */
final class WriterTerm implements ClusterListener, ControllerReader.Listener, HostNameResolver.Listener {
    private static final Logger log = LoggerFactory.getLogger(WriterTerm.class);

    private final EnricherConfig config;
    private final ApiReader reader;
    private final IdentityTopic topic;
    private final EnricherStatistics statistics;
    private final InstantSource clock;
    private final BooleanSupplier isWanted;
    /** Guarded by itself, because the threads of the watches and the writer use it. */
    private final OwnershipModel model;

    /** The topic contains everything that happened in the cluster up to this time; {@link Instant#MIN} if unknown. */
    private volatile Instant completeAsOf = Instant.MIN;

    private volatile String unready = "waiting for the broker";
    private volatile ClusterHealth health = ClusterHealth.UNKNOWN;

    WriterTerm(
            EnricherConfig config,
            ApiReader reader,
            IdentityTopic topic,
            EnricherStatistics statistics,
            InstantSource clock,
            BooleanSupplier isWanted) {
        this.config = config;
        this.reader = reader;
        this.topic = topic;
        this.statistics = statistics;
        this.clock = clock;
        this.isWanted = isWanted;
        this.model = new OwnershipModel(config.limits());
    }

    /** Runs until the writer is no longer wanted. */
    void run() throws InterruptedException, DeposedException {
        topic.open();
        unready = "reading back the topic";
        long restored = restore();
        if (!isWanted.getAsBoolean()) {
            return;
        }
        log.atInfo().addKeyValue("records", restored).log("Read the topic back");
        try (var lookup = new ControllerReader(reader, config.cluster().workloadLabels(), this);
                var hostNames = new HostNameResolver(this);
                var watch = new ClusterWatch(
                        reader,
                        new ClusterWatch.Scope(
                                config.cluster().namespaces(),
                                config.cluster().pageSize(),
                                config.cluster().workloadLabels()),
                        this,
                        statistics.watch(),
                        clock)) {
            watch.start();
            writeChanges(watch, new Lookups(lookup, hostNames));
        }
    }

    private long restore() throws InterruptedException, DeposedException {
        var restored = new LongAdder();
        var interner = new RecordInterner();
        var progress = new TopicProgress();
        topic.readAll((key, value) -> {
            if (value instanceof IdentityProgress ofPartition) {
                progress.add(key, ofPartition);
            } else if (model.restore(key, interner.intern(value))) {
                restored.increment();
            }
        });
        completeAsOf = progress.completeAsOf().orElse(Instant.MIN);
        return restored.sum();
    }

    /** What looks up controllers and host names in the background. */
    private record Lookups(ControllerReader controllers, HostNameResolver hostNames) {}

    private void writeChanges(ClusterWatch watch, Lookups lookups) throws InterruptedException, DeposedException {
        Instant nextCheck = clock.instant();
        while (isWanted.getAsBoolean()) {
            Instant now = now();
            // Read the health before the drain: a kind that it reports as listed is then completely written by this
            // round.
            ClusterHealth current = watch.health();
            Instant received = watch.completeAsOf();
            if (!now.isBefore(nextCheck)) {
                nextCheck = now.plus(config.limits().checkInterval());
                checkDue(now);
            }
            drainAndWrite(lookups, received);
            health = current;
            updateReadiness(current.unready());
            Thread.sleep(config.flushInterval());
        }
    }

    /**
     * Writes in batches, so that the first list of a large cluster is not in memory twice.
     *
     * @param received the model knows everything up to then
     */
    private void drainAndWrite(Lookups lookups, Instant received) throws InterruptedException, DeposedException {
        Instant complete;
        synchronized (model) {
            complete = Collections.min(List.of(received, model.heldBackSince()));
        }
        boolean progressed = complete.isAfter(completeAsOf) && complete.isAfter(Instant.EPOCH);
        List<RecordUpdate> updates;
        boolean isLast;
        do {
            updates = drain(lookups);
            isLast = updates.size() < IdentityTopic.MAX_BATCH;
            topic.write(updates, isLast && progressed ? complete : null);
        } while (!isLast && isWanted.getAsBoolean());
        if (isLast && progressed) {
            completeAsOf = complete;
            statistics.onCompleteAsOf(complete);
        }
    }

    private void checkDue(Instant now) {
        synchronized (model) {
            model.checkDue(now);
        }
    }

    private List<RecordUpdate> drain(Lookups lookups) {
        List<ControllerRequest> requests;
        List<String> hostNames;
        List<RecordUpdate> updates;
        synchronized (model) {
            requests = model.drainRequests();
            hostNames = model.drainHostNames(now());
            updates = model.drain(now(), IdentityTopic.MAX_BATCH);
            statistics.onSize(model.size());
        }
        requests.forEach(lookups.controllers()::start);
        hostNames.forEach(lookups.hostNames()::start);
        return updates;
    }

    private void updateReadiness(String incomplete) {
        int heldBack = statistics.size().heldBack();
        if (incomplete.isEmpty() && !unready.isEmpty() && heldBack > 0) {
            unready = "looking up the owners of " + heldBack + " pods";
            return;
        }
        if (incomplete.isEmpty() && !unready.isEmpty()) {
            log.atInfo()
                    .addKeyValue("addresses", statistics.size().histories().addresses())
                    .addKeyValue("pods", statistics.size().pods())
                    .log("The topic agrees with the cluster");
        }
        unready = incomplete;
    }

    /** Why the topic does not agree with the cluster yet; empty if it does. */
    String unready() {
        return unready;
    }

    /** Which kinds of the cluster can be read. */
    ClusterHealth health() {
        return health;
    }

    /** The current time in microseconds, which is the resolution of the records. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    @Override
    public void onObject(ClusterObject object) {
        synchronized (model) {
            model.onObject(object, now());
        }
    }

    @Override
    public void onDeleted(String uid) {
        synchronized (model) {
            model.onDeleted(uid, now());
        }
    }

    @Override
    public void onMissing(String uid) {
        synchronized (model) {
            model.onMissing(uid, completeAsOf, now());
        }
    }

    @Override
    public void onListed(ReconciledKind kind) {
        synchronized (model) {
            model.onListed(kind, completeAsOf, now());
        }
    }

    @Override
    public void onHostNameResolved(String hostName, Set<String> addresses) {
        synchronized (model) {
            model.onHostNameResolved(hostName, addresses, now());
        }
    }

    @Override
    public void onControllerFound(ClusterObject.Controller controller) {
        synchronized (model) {
            model.onControllerFound(controller, now());
        }
    }

    @Override
    public void onControllerAbsent(String controllerUid) {
        synchronized (model) {
            model.onControllerAbsent(controllerUid, now());
        }
    }

    @Override
    public void onControllerUnreadable(String controllerUid) {
        synchronized (model) {
            model.onControllerUnreadable(controllerUid, now());
        }
    }
}
